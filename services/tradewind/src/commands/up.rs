//! The whole ecosystem on this machine: NATS, the databases and every service as processes of their own, watched until Ctrl-C.

mod table;
mod welcome;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use rustix::process::Signal;
use tokio::{
    process::Child,
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use self::table::Table;
use crate::{
    local::{
        child,
        keys::Keys,
        nats,
        plan::{Plan, Process},
        ports, postgres, ready,
    },
    seed,
};

/// A process that ran for so long is started again a tenth of a second after it ended; one that did not waits twice as long each time.
const STEADY: Duration = Duration::from_secs(5);

/// How often it is looked whether everything runs.
const SECOND: Duration = Duration::from_secs(1);

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
    /// E-mail addresses of those who operate the platform; they sign in with the demo market's password.
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

/// The whole ecosystem.
struct Running<'p> {
    plan: &'p Plan,
    nats: Child,
    postgres: Option<Child>,
    watched: Vec<Watched>,
    table: Table,
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

impl Watched {
    /// A process that is yet to be started.
    fn new(process: Process) -> Self {
        Self {
            process,
            child: None,
            restarts: 0,
            in_a_row: 0,
            started_at: Instant::now(),
            again_at: Instant::now(),
        }
    }
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
    let _ours = lock(&options.data)?;
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
    plan.settle()?;
    let keys = Keys::in_folder(&plan.data)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);

    say(&format!("starting in {}", plan.data.display()));
    let processes = plan.processes(&keys)?;
    for process in &processes {
        ports::wait_for(process.port, &process.name()).await?;
    }
    let nats = nats::start(&plan).await?;
    let postgres = if plan.postgres { Some(postgres::start(&plan).await?) } else { None };
    let mut running = Running {
        plan: &plan,
        nats,
        postgres,
        watched: processes.into_iter().map(Watched::new).collect(),
        table: Table::default(),
    };
    let outcome = tokio::select! {
        outcome = running.watch(started) => outcome,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    say("\nending");
    running.end().await;
    say("ended");
    outcome
}

/// Two ecosystems in one folder would publish the same events to different brokers. The folder is ours for as long as the file is open.
fn lock(data: &Path) -> Result<File> {
    let path = data.join("lock");
    let file = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => bail!(
            "an ecosystem runs in {} already; another one needs a folder and ports of its own: `make run DATA=… PORT=… BASE_PORT=…`",
            data.display()
        ),
        // Where files cannot be locked, whoever starts two at once has to know.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

impl Running<'_> {
    /// Keeps everything running for ever: until all is ready, while whoever looks is welcomed, and from then on.
    async fn watch(&mut self, started: Instant) -> Result<()> {
        let client = reqwest::Client::new();
        self.tend().await?;
        while !ready::is_ready(&client, self.plan.gateway_port).await {
            self.table.draw(&self.watched, false);
            sleep(Duration::from_millis(50)).await;
            self.tend().await?;
        }
        self.table.draw(&self.watched, true);
        let mut welcome = pin!(welcome::tell(self.plan, started.elapsed()));
        loop {
            tokio::select! {
                told = &mut welcome => break told?,
                () = sleep(SECOND) => self.tend().await?,
            }
        }
        self.table.below();
        loop {
            self.tend().await?;
            self.table.draw(&self.watched, true);
            sleep(SECOND).await;
        }
    }

    /// Starts what does not run.
    async fn tend(&mut self) -> Result<()> {
        let (plan, table) = (self.plan, &mut self.table);
        revive("nats", &mut self.nats, plan, async || nats::start(plan).await, table).await?;
        if let Some(server) = &mut self.postgres {
            revive("postgres", server, plan, async || postgres::start(plan).await, table).await?;
        }
        for one in &mut self.watched {
            keep_running(plan, one, table)?;
        }
        Ok(())
    }

    /// Ends everything, the servers last.
    async fn end(&mut self) {
        for child in self.watched.iter_mut().rev().filter_map(|one| one.child.as_mut()) {
            child::end(child, Signal::TERM).await;
        }
        child::end(&mut self.nats, Signal::TERM).await;
        if let Some(postgres) = &mut self.postgres {
            child::end(postgres, Signal::INT).await;
        }
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
