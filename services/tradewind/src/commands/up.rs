//! The whole ecosystem on this machine: NATS, the databases and every service as processes of their own, watched until Ctrl-C.

mod table;
mod welcome;

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
    local::{
        child,
        keys::Keys,
        nats,
        plan::{Plan, Process},
        postgres, ready,
    },
    seed,
};

/// A process that ran for so long is started again a tenth of a second after it ended; one that did not waits twice as long each time.
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
    /// How often in a row it ended, if each time it had run for less than [`STEADY`].
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

/// Starts what does not run, welcomes whoever looks when all is ready, and keeps the table fresh.
async fn watch(plan: &Plan, nats: &mut Child, postgres: &mut Option<Child>, watched: &mut [Watched], started: Instant) -> Result<()> {
    let client = reqwest::Client::new();
    let mut welcomed = false;
    let mut table = Table::default();
    loop {
        revive("nats", nats, plan, async || nats::start(plan).await, &mut table).await?;
        if let Some(server) = postgres {
            revive("postgres", server, plan, async || postgres::start(plan).await, &mut table).await?;
        }
        for one in watched.iter_mut() {
            keep_running(plan, one, &mut table)?;
        }
        if !welcomed && ready::is_ready(&client, plan.gateway_port).await {
            welcomed = true;
            table.draw(watched, true);
            welcome::tell(plan, started.elapsed()).await?;
            table.below();
        }
        table.draw(watched, welcomed);
        tokio::time::sleep(Duration::from_millis(if welcomed { 1_000 } else { 50 })).await;
    }
}

/// Starts a server again that ended. While that fails, as it does until the port or the shared memory of the old one is free, it is tried every time.
async fn revive(name: &str, server: &mut Child, plan: &Plan, start: impl AsyncFnOnce() -> Result<Child>, table: &mut Table) -> Result<()> {
    let Some(status) = server.try_wait()? else { return Ok(()) };
    let log = plan.data.join(format!("{name}.log"));
    table.say_once(&format!("{name} ended ({status}) and is started again; see {}", log.display()));
    match start().await {
        Ok(child) => {
            *server = child;
            table.forget();
        }
        Err(error) => table.say_once(&format!("{error:#}")),
    }
    Ok(())
}

/// Starts a process that does not run, once it is time to.
fn keep_running(plan: &Plan, one: &mut Watched, table: &mut Table) -> Result<()> {
    if let Some(child) = &mut one.child {
        let Some(status) = child.try_wait()? else { return Ok(()) };
        one.child = None;
        one.restarts += 1;
        one.in_a_row = if one.started_at.elapsed() < STEADY { one.in_a_row + 1 } else { 1 };
        one.again_at = Instant::now() + Duration::from_millis(50 << one.in_a_row.min(7));
        let name = one.process.name();
        table.say(&format!("{name} ended ({status}); see {}/{name}.log", plan.data.display()));
    }
    if Instant::now() >= one.again_at {
        let program = std::env::current_exe().context("finding our own program")?;
        let name = one.process.name();
        let mut command = child::command(program, &plan.data, &name)?;
        command
            .args(["serve", one.process.service])
            .envs(one.process.environment.iter().cloned());
        one.child = Some(child::spawn(&mut command, &plan.data, &name)?);
        one.started_at = Instant::now();
    }
    Ok(())
}

fn say(line: &str) {
    println!("{line}");
}
