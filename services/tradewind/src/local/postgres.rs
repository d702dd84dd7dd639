//! A PostgreSQL of our own: its data in our folder, as a user that is not root, one database for each service.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command as Blocking, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Signal, geteuid};
use tokio::process::Child;

use super::{
    child, home,
    plan::{Plan, WITH_DATABASE},
};

/// The server's own folder of programs, the newest version first.
fn programs() -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL's server is not installed; `make tools` installs it")?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("postgres").exists())
        .collect();
    versions.sort();
    versions
        .pop()
        .context("PostgreSQL's server is not installed; `make tools` installs it")
}

/// Starts the server and makes the databases that are missing.
pub(crate) async fn start(plan: &Plan) -> Result<Child> {
    let programs = programs()?;
    let home = home::of(&plan.data)?;
    if !home.join("data/PG_VERSION").exists() {
        initialise(&programs, &home)?;
    }
    let log = plan.data.join("postgres.log");
    // `runuser` would stand between us and the server, and not pass our signals on.
    let as_server = [
        "--reuid",
        "postgres",
        "--regid",
        "postgres",
        "--init-groups",
        "--pdeathsig",
        "INT",
        "--",
    ];
    let mut command = child::command(if geteuid().is_root() { "setpriv" } else { "env" }, &log)?;
    if geteuid().is_root() {
        command.args(as_server);
    }
    command
        .arg(programs.join("postgres"))
        .arg("-D")
        .arg(home.join("data"))
        .current_dir(&home);
    // A socket's path must be short, and ours may be long.
    command.args([
        "-k",
        "",
        "-h",
        "127.0.0.1",
        "-p",
        &plan.postgres_port().to_string(),
        "-c",
        "max_connections=300",
        "-c",
        "shared_buffers=256MB",
        // A statement whose rows another replica was first to change is an error to PostgreSQL and everyday life to us, and the statements are long.
        "-c",
        "log_min_error_statement=fatal",
    ]);
    let mut server = command.spawn().context("starting PostgreSQL")?;
    let pid = server.id().map(|pid| pid.to_string()).unwrap_or_default();
    fs::write(plan.data.join("postgres.pid"), pid)?;
    for _ in 0..200 {
        if let Some(status) = server.try_wait()? {
            bail!("PostgreSQL ended ({status}); see {}", log.display());
        }
        if make_databases(&programs, plan)? {
            return Ok(server);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    child::end(&mut server, Signal::INT).await;
    bail!("PostgreSQL does not answer; see {}", log.display())
}

fn initialise(programs: &Path, home: &Path) -> Result<()> {
    let mut initdb = as_server(&programs.join("initdb"));
    initdb
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])
        .arg(home.join("data"))
        .current_dir(home);
    ensure!(
        initdb.stdout(Stdio::null()).status()?.success(),
        "initdb failed in {}",
        home.display()
    );
    Ok(())
}

/// PostgreSQL refuses to run as root.
fn as_server(program: &Path) -> Blocking {
    if geteuid().is_root() {
        let mut command = Blocking::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Blocking::new(program)
    }
}

/// False while the server does not answer yet.
fn make_databases(programs: &Path, plan: &Plan) -> Result<bool> {
    let psql = |database: &str, text: &str| {
        let port = plan.postgres_port().to_string();
        Blocking::new(programs.join("psql"))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", database, "-Atqc", text])
            .stderr(Stdio::null())
            .output()
    };
    let known = psql("postgres", "SELECT datname FROM pg_database")?;
    if !known.status.success() {
        return Ok(false);
    }
    let known = String::from_utf8_lossy(&known.stdout).into_owned();
    for service in WITH_DATABASE.iter().filter(|service| !known.lines().any(|name| name == **service)) {
        ensure!(
            psql("postgres", &format!("CREATE DATABASE \"{service}\""))?.status.success(),
            "the database {service} cannot be made"
        );
    }
    Ok(true)
}
