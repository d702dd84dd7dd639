//! What is started where others are, with what it cannot do, before a gateway is there, and read by nobody.

use std::{fs, process::Stdio, time::Duration};

use harness::{Ports, until};
use rustix::process::{Pid, Signal, kill_process};
use tests::{Database, Ecosystem, program};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_ecosystem_at_a_time() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let mut second = Command::new(program());
    second
        .args(["up", "--empty", "--port", "9", "--base-port", "9", "--data"])
        .arg(ecosystem.data());
    let told = second.output().await.unwrap();
    let error = String::from_utf8(told.stderr).unwrap();
    assert!(!told.status.success() && error.contains("an ecosystem runs in"), "{error}");
    ecosystem.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_never_start_is_refused_at_once() {
    for (arguments, told) in [
        (
            ["up", "--operator", "not an email"],
            "it is not an e-mail address such as operator@tradewind.example",
        ),
        (["up", "--port", "0"], "0 is not in 1..=65535"),
        (["up", "--base-port", "0"], "0 is not in 1..=65535"),
        (["doctor", "--gateway", "notaurl"], "it is not a URL such as http://127.0.0.1:8080"),
    ] {
        let refused = Command::new(program()).args(arguments).output().await.unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && error.contains(told), "{arguments:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_gateway_says_so_at_once() {
    let (folder, port) = (tempfile::tempdir().unwrap(), Ports::one());
    fs::write(folder.path().join("keys.json"), r#"{"webhook_secret": "whsec_AAAA"}"#).unwrap();
    let nobody = format!("http://127.0.0.1:{}", port.first());
    for command in ["tour", "seed"] {
        let mut waiting = Command::new(program());
        waiting.current_dir(folder.path()).args([command]).env("TRADEWIND_GATEWAY", &nobody);
        if command == "tour" {
            waiting.args(["--data", "."]);
        }
        let mut waiting = waiting.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut said = BufReader::new(waiting.stderr.take().unwrap()).lines();
        // It would give up after a minute.
        let first = timeout(Duration::from_secs(30), said.next_line()).await;
        let first = first.expect("something is said long before it gives up").unwrap().unwrap();
        assert!(
            first.contains(&format!("nobody answers at {nobody}; waiting")),
            "{command}: {first}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benchmark_that_is_interrupted_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let figures = folder.path().join("figures.json");
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let mut bench = Command::new(program());
    bench
        .args(["bench", "--db", "sqlite", "--output"])
        .arg(&figures)
        .env("TMPDIR", &temporary);
    let mut bench = bench
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(bench.stdout.take().unwrap()).lines();
    while said.next_line().await.unwrap().unwrap() != "filling the market" {}
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 1, "the stack has a folder");
    let pid = bench.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    kill_process(pid.unwrap(), Signal::TERM).unwrap();
    let told = bench.wait_with_output().await.unwrap();
    let error = String::from_utf8(told.stderr).unwrap();
    assert!(!told.status.success() && error.contains("interrupted"), "{error}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    assert!(!figures.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_went_away_ends_nothing() {
    let (folder, ports) = (tempfile::tempdir().unwrap(), Ports::hundred());
    let gateway = format!("http://127.0.0.1:{}", ports.first());
    let mut up = Command::new(program());
    up.args(["up", "--empty", "--data"]).arg(folder.path());
    up.args([
        "--port",
        &ports.first().to_string(),
        "--base-port",
        &(ports.first() + 1).to_string(),
    ]);
    let mut up = up.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut reader = BufReader::new(up.stdout.take().unwrap()).lines();
    let first = reader.next_line().await.unwrap().unwrap();
    assert!(first.starts_with("starting in "), "{first}");
    drop(reader);
    let is_ready = || async {
        let answer = reqwest::get(format!("{gateway}/readyz?all")).await;
        answer.is_ok_and(|answer| answer.status().is_success())
    };
    until("all is ready, though nobody reads it", is_ready).await;

    let pid = || {
        let written = fs::read_to_string(folder.path().join("messaging.pid")).unwrap_or_default();
        written.trim().parse().ok().and_then(Pid::from_raw)
    };
    let before = pid().unwrap();
    kill_process(before, Signal::KILL).unwrap();
    until("what was killed is started again, though nobody reads it", || async {
        pid().is_some_and(|now| now != before)
    })
    .await;
    until("all is ready again", is_ready).await;

    // Other commands do what they were asked to, and say at the end that their words were lost, unless nobody wanted them.
    let replay = || {
        let mut replay = Command::new(program());
        replay.args(["events", "replay", "--since", "1s", "--gateway", &gateway]);
        replay.stderr(Stdio::piped());
        replay
    };
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let unheard = replay().stdout(full).spawn().unwrap();
    let told = unheard.wait_with_output().await.unwrap();
    let error = String::from_utf8(told.stderr).unwrap();
    assert!(!told.status.success(), "{error}");
    assert!(
        error.starts_with("tradewind: not everything could be printed: No space left"),
        "{error}"
    );
    let mut unread = replay().stdout(Stdio::piped()).spawn().unwrap();
    drop(unread.stdout.take());
    let told = unread.wait_with_output().await.unwrap();
    assert_eq!((told.status.code(), told.stderr), (Some(0), Vec::new()));

    kill_process(Pid::from_raw(up.id().unwrap().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    let ended = up.wait_with_output().await.unwrap();
    let error = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && !error.contains("panicked"), "{error}");
}
