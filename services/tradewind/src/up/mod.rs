//! The ecosystem on one machine: what runs where is planned, started, and watched until Ctrl-C. Its
//! processes, ports, keys and databases; what is up, and what a newcomer is told.

pub(crate) mod child;
mod home;
mod keys;
mod nats;
pub(crate) mod plan;
pub(crate) mod ports;
pub(crate) mod postgres;
mod probe;
pub(crate) mod ready;
mod services;
mod table;
mod watched;
mod welcome;

use std::{
    fs::{File, TryLockError},
    path::Path,
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use futures::future::join_all;
use tokio::time::sleep;

use self::{
    keys::Keys,
    plan::Plan,
    table::Table,
    watched::{Program, Watched},
};
use crate::{interrupt::Interrupt, output::say};

/// How often it is looked whether everything runs.
const SECOND: Duration = Duration::from_secs(1);

/// The whole ecosystem.
struct Running<'p> {
    plan: &'p Plan,
    /// In the order in which they start; they end in the opposite one.
    watched: Vec<Watched>,
    table: Table,
}

/// Runs until Ctrl-C or SIGTERM.
pub(crate) async fn run(plan: &Plan) -> Result<()> {
    let started = Instant::now();
    let _ours = lock(&plan.data)?;
    plan.check_ports()?;
    plan.settle()?;
    let keys = Keys::in_folder(&plan.data)?;
    let mut interrupt = Interrupt::listen()?;

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
        plan,
        watched: programs.map(|program| Watched::new(program, plan)).collect(),
        table: Table::default(),
    };
    running.start().await?;
    let outcome = tokio::select! {
        outcome = running.watch(started) => outcome,
        () = interrupt.wait() => Ok(()),
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
