//! The whole ecosystem on this machine: NATS, the databases and every service as processes of their own, watched until Ctrl-C.

mod table;
mod watched;
mod welcome;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum, value_parser};
use futures::future::join_all;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use self::{
    table::Table,
    watched::{Program, Watched},
};
use crate::{
    local::{keys::Keys, plan::Plan, ports, ready},
    output::say,
    seed,
};

/// How often it is looked whether everything runs.
const SECOND: Duration = Duration::from_secs(1);

/// How the ecosystem is laid out.
#[derive(Args)]
pub struct Options {
    /// Where databases, streams, keys and logs are kept.
    #[arg(long, default_value = ".data")]
    data: PathBuf,
    /// Where the gateway listens.
    #[arg(long, default_value_t = 8080, value_parser = value_parser!(u16).range(1..))]
    port: u16,
    /// The first of the ports for everything else.
    #[arg(long, default_value_t = 7100, value_parser = value_parser!(u16).range(1..))]
    base_port: u16,
    /// What the services store in.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    db: Database,
    /// More than one process of a service, such as order=2. Needs PostgreSQL.
    #[arg(long)]
    replicas: Vec<String>,
    /// E-mail addresses of those who operate the platform; they sign in with the demo market's password.
    #[arg(long, default_value = seed::OPERATOR, value_parser = email)]
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
    /// In the order in which they start; they end in the opposite one.
    watched: Vec<Watched>,
    table: Table,
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
    plan.check_ports()?;
    plan.settle()?;
    let keys = Keys::in_folder(&plan.data)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);

    say(format_args!("starting in {}", plan.data.display()));
    let processes = plan.processes(&keys)?;
    for process in &processes {
        ports::wait_for(process.port, &process.name()).await?;
    }
    let postgres = plan.postgres.then_some(Program::Postgres);
    let programs = [Program::Nats]
        .into_iter()
        .chain(postgres)
        .chain(processes.into_iter().map(Program::Ours));
    let mut running = Running {
        plan: &plan,
        watched: programs.map(|program| Watched::new(program, &plan)).collect(),
        table: Table::default(),
    };
    running.start().await?;
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

/// Identity would not start with anything else.
fn email(text: &str) -> Result<String, &'static str> {
    let known = identity::is_email(text).then(|| text.to_owned());
    known.ok_or("it is not an e-mail address such as operator@tradewind.example")
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
    async fn start(&mut self) -> Result<()> {
        for one in &mut self.watched {
            one.start(self.plan).await?;
        }
        Ok(())
    }

    /// Keeps everything running for ever: until all is ready, while whoever looks is welcomed, and from then on.
    async fn watch(&mut self, started: Instant) -> Result<()> {
        let client = reqwest::Client::new();
        while !ready::is_ready(&client, self.plan.gateway_port).await {
            self.draw().await;
            sleep(Duration::from_millis(50)).await;
            self.tend().await;
        }
        let ready_after = started.elapsed();
        self.draw().await;
        let mut welcome = pin!(welcome::tell(self.plan, ready_after));
        loop {
            tokio::select! {
                told = &mut welcome => break told?,
                () = sleep(SECOND) => self.tend().await,
            }
        }
        self.table.below();
        loop {
            self.tend().await;
            self.draw().await;
            sleep(SECOND).await;
        }
    }

    /// Starts what does not run.
    async fn tend(&mut self) {
        for one in &mut self.watched {
            one.tend(self.plan, &mut self.table).await;
        }
    }

    /// Asks everyone how they are, and shows it.
    async fn draw(&mut self) {
        let rows = join_all(self.watched.iter().map(Watched::row)).await;
        self.table.draw(&rows);
    }

    /// Ends everything, the servers last.
    async fn end(&mut self) {
        for one in self.watched.iter_mut().rev() {
            one.end().await;
        }
    }
}
