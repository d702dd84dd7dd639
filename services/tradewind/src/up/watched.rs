//! A process of the ecosystem, and how it fares.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::Signal;
use tokio::process::Child;

use super::{
    child, nats,
    plan::{Plan, Process},
    postgres,
    probe::{Answer, Probe},
    services::GATEWAY,
    table::{Row, Table},
};

/// A process that ran for so long is started again a tenth of a second after it ended; one that did not waits twice as long each time. One
/// that does not answer for so long is not starting any more.
const STEADY: Duration = Duration::from_secs(5);

/// What runs.
pub(super) enum Program {
    Nats,
    Postgres,
    /// A service, or the gateway.
    Ours(Process),
}

/// A process that is kept running.
pub(super) struct Watched {
    name: String,
    port: u16,
    program: Program,
    probe: Probe,
    child: Option<Child>,
    restarts: u32,
    /// How often in a row it ended, if each time it had run for less than [`STEADY`].
    in_a_row: u32,
    started_at: Instant,
    /// When a process that crashed is started again.
    again_at: Instant,
}

impl Watched {
    /// One that is yet to be started.
    pub(super) fn new(program: Program, plan: &Plan) -> Self {
        let (name, port, probe) = match &program {
            Program::Nats => ("nats".to_owned(), plan.base_port, Probe::Nats),
            Program::Postgres => ("postgres".to_owned(), plan.postgres_port(), Probe::Postgres),
            Program::Ours(process) if process.service == GATEWAY => (process.name(), process.port, Probe::Gateway(reqwest::Client::new())),
            Program::Ours(process) => (process.name(), process.port, Probe::service(process.port)),
        };
        Self {
            name,
            port,
            program,
            probe,
            child: None,
            restarts: 0,
            in_a_row: 0,
            started_at: Instant::now(),
            again_at: Instant::now(),
        }
    }

    /// Starts it.
    pub(super) async fn start(&mut self, plan: &Plan) -> Result<()> {
        self.child = Some(match &self.program {
            Program::Nats => nats::start(plan).await?,
            Program::Postgres => postgres::start(plan).await?,
            Program::Ours(process) => serve(process, &self.name, plan)?,
        });
        self.started_at = Instant::now();
        Ok(())
    }

    /// Starts it again once it has ended and its time has come. While that fails, as it does until the port
    /// or the shared memory of the old one is free, it is tried every time.
    pub(super) async fn tend(&mut self, plan: &Plan, table: &mut Table) {
        if let Some(child) = &mut self.child {
            let ended = match child.try_wait() {
                Ok(None) => return,
                Ok(Some(status)) => status.to_string(),
                Err(error) => error.to_string(),
            };
            self.child = None;
            self.restarts += 1;
            self.in_a_row = if self.started_at.elapsed() < STEADY { self.in_a_row + 1 } else { 1 };
            self.again_at = Instant::now() + Duration::from_millis(50 << self.in_a_row.min(7));
            let (name, data) = (&self.name, plan.data.display());
            table.say(&format!("{name} ended ({ended}) and is started again; see {data}/{name}.log"));
        }
        if Instant::now() < self.again_at {
            return;
        }
        match self.start(plan).await {
            Ok(()) => table.forget(),
            Err(error) => table.say_once(&format!("{error:#}")),
        }
    }

    /// How it is: asked, not taken for granted.
    pub(super) async fn row(&self) -> Row<'_> {
        let pid = self.child.as_ref().and_then(Child::id);
        let state = match pid {
            None => "down",
            Some(_) => match self.probe.ask(self.port).await {
                Answer::Serving => "up",
                Answer::NotServing => "not well",
                Answer::Silence if self.started_at.elapsed() < STEADY => "starting",
                Answer::Silence => "silent",
            },
        };
        Row {
            name: &self.name,
            pid,
            port: self.port,
            state,
            restarts: self.restarts,
        }
    }

    /// Ends it, and waits until it has.
    pub(super) async fn end(&mut self) {
        let signal = match self.program {
            // Its sessions are to be cut off, not waited for.
            Program::Postgres => Signal::INT,
            Program::Nats | Program::Ours(_) => Signal::TERM,
        };
        if let Some(child) = &mut self.child {
            child::end(child, signal).await;
        }
    }
}

/// A service in a process of its own: the same program, told to serve.
fn serve(process: &Process, name: &str, plan: &Plan) -> Result<Child> {
    let program = std::env::current_exe().context("finding our own program")?;
    let mut command = child::command(program, &plan.data, name)?;
    command.args(["serve", process.service]).envs(process.environment.iter().cloned());
    child::spawn(&mut command, &plan.data, name)
}
