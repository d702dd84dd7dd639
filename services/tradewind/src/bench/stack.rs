//! The stack under test: `tradewind up` in a temporary folder, and what its PostgreSQL says of itself.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{BUYERS, processes::Processes};
use crate::{
    output::say,
    up::{child, plan::postgres_port, ports, postgres, ready},
};

/// What the stack stores in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Database {
    Postgres,
    Sqlite,
}

impl Database {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }
}

/// What differs from `tradewind up`, and why.
const SETTINGS: [(&str, &str, &str); 6] = [
    (
        "GATEWAY__REQUESTS_PER_SECOND_PER_PRINCIPAL",
        "0",
        "64 clients stand for many: no limits",
    ),
    ("GATEWAY__REQUESTS_PER_SECOND_PER_ADDRESS", "0", "they all have one address"),
    (
        "IDENTITY__ARGON2_MEMORY_KIB",
        "8",
        "signing in is not measured, and fills the market",
    ),
    ("IDENTITY__ARGON2_PASSES", "1", "the same"),
    ("ACCESS_TOKEN_S", "7200", "tokens last as long as the benchmark"),
    ("LOG_FILTER", "warn", "no line for each request"),
];

/// Says what differs.
pub(crate) fn tell_settings() {
    say("the stack is `tradewind up --empty`, with");
    for (key, value, why) in SETTINGS {
        say(format_args!("  {:<62} {why}", format!("TRADEWIND__{key}={value}")));
    }
}

pub(crate) struct Stack {
    up: Child,
    pub(crate) processes: Processes,
    pub(crate) port: u16,
    base_port: u16,
    pub(crate) ready_after: Duration,
    _folder: TempDir,
}

impl Stack {
    pub(crate) async fn start(database: Database) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        // PostgreSQL runs as another user when we are root, and must get to its data.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let (port, base_port) = free_ports()?;
        // It ends with us, however we end.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(std::env::current_exe()?);
        command
            .args(["up", "--empty", "--db", database.name(), "--data"])
            .arg(folder.path());
        command.args(["--port", &port.to_string(), "--base-port", &base_port.to_string()]);
        for (key, value, _) in SETTINGS {
            command.env(format!("TRADEWIND__{key}"), value);
        }
        let started = Instant::now();
        let mut up = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn()?;
        let client = reqwest::Client::new();
        while !ready::is_ready(&client, port).await {
            if let Some(status) = up.try_wait()? {
                bail!("the stack ended before it was ready: {status}");
            }
            ensure!(
                started.elapsed() < Duration::from_secs(60),
                "the stack is not ready after a minute; see {}",
                folder.path().display()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let pid = up.id().context("the stack has ended")?;
        Ok(Self {
            up,
            processes: Processes::below(pid),
            port,
            base_port,
            ready_after: started.elapsed(),
            _folder: folder,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn end(&mut self) {
        child::end(&mut self.up, Signal::TERM).await;
    }

    /// Where PostgreSQL's own programs find its server.
    fn server(&self) -> [String; 6] {
        let port = postgres_port(self.base_port).to_string();
        ["-h", "127.0.0.1", "-U", "postgres", "-p", &port].map(str::to_owned)
    }

    fn psql(&self) -> Command {
        let mut psql = Command::new("psql");
        psql.args(self.server()).args(["-d", "postgres", "-Atqc"]);
        psql
    }

    /// Rows that were inserted or updated so far, over all databases; nothing without PostgreSQL.
    pub(crate) async fn rows_written(&self) -> Option<f64> {
        let query = "SELECT sum(tup_inserted + tup_updated) FROM pg_stat_database";
        let told = self.psql().arg(query).stderr(Stdio::null()).output().await.ok()?;
        String::from_utf8(told.stdout).ok()?.trim().parse().ok()
    }

    /// How many transactions a second this PostgreSQL commits when each writes as
    /// many rows as a checkout, with as many clients as there are buyers.
    pub(crate) async fn pgbench(&self, rows: u32) -> Result<f64> {
        let table = "CREATE TABLE bench (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, payload text)";
        ensure!(self.psql().arg(table).status().await?.success(), "pgbench's table cannot be made");
        let script = tempfile::NamedTempFile::new()?;
        fs::write(
            script.path(),
            format!("INSERT INTO bench (payload) SELECT repeat('x', 120) FROM generate_series(1, {rows});\n"),
        )?;
        let output = Command::new(postgres::programs()?.join("pgbench"))
            .args(self.server())
            .args(["-n", "-c", &BUYERS.to_string(), "-j", "4", "-T", "5", "-f"])
            .arg(script.path())
            .arg("postgres")
            .stderr(Stdio::null())
            .output()
            .await?;
        let told = String::from_utf8(output.stdout)?;
        let tps = told
            .lines()
            .find_map(|line| line.strip_prefix("tps = "))
            .and_then(|rest| rest.split(' ').next());
        Ok(tps.context("pgbench told no figure")?.parse()?)
    }
}

/// A port for the gateway, and a hundred after it for everything else, that nobody listens on. They lie where neither `up` nor the tests'
/// harness looks for any.
fn free_ports() -> Result<(u16, u16)> {
    let mut places = (8_200..9_800).step_by(200);
    let port = places.find(|port| ports::is_free(*port) && (*port + 20..*port + 120).all(ports::is_free));
    let port = port.context("no free ports for the stack")?;
    Ok((port, port + 20))
}
