//! The whole ecosystem on this machine: NATS, the databases and every service as processes of their own, watched until Ctrl-C.

mod table;

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use rustix::process::Signal;
use tokio::{
    process::Child,
    signal::unix::{SignalKind, signal},
};

use self::table::Table;
use crate::{
    client::{Client, PASSWORD},
    local::{
        child,
        keys::Keys,
        nats,
        plan::{Plan, Process},
        postgres, ready,
    },
    seed,
};

/// A process that ran for so long is started again without delay when it ends; others wait longer each time.
const STEADY: Duration = Duration::from_secs(5);

/// How the ecosystem is laid out.
#[derive(Args)]
pub struct Options {
    /// Where databases, streams, keys and logs are kept.
    #[arg(long, default_value = ".data")]
    data: PathBuf,
    /// Where the gateway listens.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The first of the ports for everything else.
    #[arg(long, default_value_t = 7100)]
    base_port: u16,
    /// What the services store in.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    db: Database,
    /// More than one process of a service, such as order=2. Needs PostgreSQL.
    #[arg(long)]
    replicas: Vec<String>,
    /// E-mail addresses of those who operate the platform.
    #[arg(long, default_value = seed::OPERATOR)]
    operator: Vec<String>,
    /// Start with an empty market.
    #[arg(long)]
    empty: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// A process of ours, and how it fares.
struct Watched {
    process: Process,
    child: Option<Child>,
    restarts: u32,
    /// How often it ended without having run for a while.
    in_a_row: u32,
    started_at: Instant,
    /// When a process that crashed is started again.
    again_at: Instant,
}

/// Runs until Ctrl-C or SIGTERM.
pub fn run(options: Options) -> Result<()> {
    // One thread: the kernel ends our children when the thread that started them ends.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(up(options))
}

async fn up(options: Options) -> Result<()> {
    let started = Instant::now();
    fs::create_dir_all(&options.data).with_context(|| format!("making {}", options.data.display()))?;
    let replicas = Plan::parse_replicas(&options.replicas)?;
    let postgres = options.db == Database::Postgres;
    anyhow::ensure!(
        postgres || replicas.values().all(|count| *count == 1),
        "replicas share a database, so they need --db postgres"
    );
    let plan = Plan {
        data: fs::canonicalize(&options.data)?,
        gateway_port: options.port,
        base_port: options.base_port,
        postgres,
        replicas,
        operators: options.operator,
        seed: !options.empty,
    };
    let keys = Keys::in_folder(&plan.data)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);

    say(&format!("starting in {}", plan.data.display()));
    let mut nats = nats::start(&plan).await?;
    let mut postgres = if plan.postgres { Some(postgres::start(&plan).await?) } else { None };
    let mut watched: Vec<Watched> = Vec::new();
    for process in plan.processes(&keys)? {
        watched.push(Watched {
            process,
            child: None,
            restarts: 0,
            in_a_row: 0,
            started_at: Instant::now(),
            again_at: Instant::now(),
        });
    }
    let outcome = tokio::select! {
        outcome = watch(&plan, &mut nats, &mut postgres, &mut watched, started) => outcome,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };

    say("\nending");
    for one in watched.iter_mut().rev() {
        if let Some(child) = &mut one.child {
            child::end(child, Signal::TERM).await;
        }
    }
    child::end(&mut nats, Signal::TERM).await;
    if let Some(postgres) = &mut postgres {
        child::end(postgres, Signal::INT).await;
    }
    say("ended");
    outcome
}

/// Starts what does not run, tells when all is ready, and keeps the table fresh.
async fn watch(plan: &Plan, nats: &mut Child, postgres: &mut Option<Child>, watched: &mut [Watched], started: Instant) -> Result<()> {
    let client = reqwest::Client::new();
    let mut ready_told = false;
    let mut table = Table::default();
    let mut told = String::new();
    loop {
        if let Some(status) = nats.try_wait()? {
            told_once(
                &mut told,
                &format!("nats ended ({status}) and is started again; see {}/nats.log", plan.data.display()),
            );
            again(nats, nats::start(plan).await, &mut told);
        }
        if let Some(server) = postgres
            && let Some(status) = server.try_wait()?
        {
            told_once(
                &mut told,
                &format!(
                    "PostgreSQL ended ({status}) and is started again; see {}/postgres.log",
                    plan.data.display()
                ),
            );
            again(server, postgres::start(plan).await, &mut told);
        }
        for one in watched.iter_mut() {
            keep_running(plan, one)?;
        }
        if !ready_told && ready::is_ready(&client, plan.gateway_port).await {
            ready_told = true;
            table.draw(watched, true);
            let ready_after = started.elapsed();
            let market = market(plan).await?;
            say(&format!("\nready after {:.1} s", ready_after.as_secs_f64()));
            say(&format!("  API      http://127.0.0.1:{}", plan.gateway_port));
            say(&format!("  docs     http://127.0.0.1:{}/docs", plan.gateway_port));
            say(&format!("  logs     {}/*.log", plan.data.display()));
            match market {
                Some(goods) => {
                    say(&format!(
                        "  sign in  {} (buyer), {} (seller), {} (operator)",
                        seed::BUYER,
                        seed::SELLER,
                        seed::OPERATOR
                    ));
                    say(&format!("           password: {PASSWORD}"));
                    say(&format!("  market   {goods}"));
                }
                None => say("  market   empty"),
            }
            say(&format!("  tour     {}", tour(plan)));
            say("Ctrl-C ends everything and keeps the data.");
            table.below();
        }
        table.draw(watched, ready_told);
        tokio::time::sleep(Duration::from_millis(if ready_told { 1_000 } else { 50 })).await;
    }
}

/// A server in place of one that ended. Where there is none yet, as while its port or its memory is still another one's, it is tried again the next time.
fn again(ended: &mut Child, started: Result<Child>, told: &mut String) {
    match started {
        Ok(child) => {
            *ended = child;
            told.clear();
        }
        Err(error) => told_once(told, &format!("{error:#}")),
    }
}

/// What is the case every second is told once.
fn told_once(told: &mut String, line: &str) {
    if !told.lines().any(|known| known == line) {
        say(line);
        told.push_str(line);
        told.push('\n');
    }
}

/// How this ecosystem's story is told.
fn tour(plan: &Plan) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "tradewind".to_owned());
    let mut command = format!("{program} tour");
    if plan.gateway_port != 8080 {
        command.push_str(&format!(" --gateway http://127.0.0.1:{}", plan.gateway_port));
    }
    if fs::canonicalize(".data").ok().as_ref() != Some(&plan.data) {
        command.push_str(&format!(" --data {}", plan.data.display()));
    }
    command
}

/// The demo market is put there once, after the first start; nothing when there is none.
async fn market(plan: &Plan) -> Result<Option<String>> {
    let done = plan.data.join("seeded");
    if done.exists() {
        return fs::read_to_string(&done).map(Some).context("reading what was seeded");
    }
    if !plan.seed {
        return Ok(None);
    }
    let count = super::seed::fill(&Client::new(format!("http://127.0.0.1:{}", plan.gateway_port))).await?;
    let text = format!("{count} demo products");
    fs::write(&done, &text)?;
    Ok(Some(text))
}

fn keep_running(plan: &Plan, one: &mut Watched) -> Result<()> {
    if let Some(child) = &mut one.child {
        let Some(status) = child.try_wait()? else { return Ok(()) };
        one.child = None;
        one.restarts += 1;
        one.in_a_row = if one.started_at.elapsed() < STEADY { one.in_a_row + 1 } else { 1 };
        one.again_at = Instant::now() + Duration::from_millis(50 << one.in_a_row.min(7));
        say(&format!(
            "{} ended ({status}); see {}/{}.log",
            one.process.name(),
            plan.data.display(),
            one.process.name()
        ));
    }
    if Instant::now() >= one.again_at {
        let program = std::env::current_exe().context("finding our own program")?;
        let log = plan.data.join(format!("{}.log", one.process.name()));
        let mut command = child::command(program, &log)?;
        command
            .args(["serve", one.process.service])
            .envs(one.process.environment.iter().cloned());
        let child = command.spawn().with_context(|| format!("starting {}", one.process.name()))?;
        let pid = child.id().map(|pid| pid.to_string()).unwrap_or_default();
        fs::write(plan.data.join(format!("{}.pid", one.process.name())), pid)?;
        one.child = Some(child);
        one.started_at = Instant::now();
    }
    Ok(())
}

fn say(line: &str) {
    println!("{line}");
}
