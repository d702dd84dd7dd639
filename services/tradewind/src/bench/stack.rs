//! The stack under test: `tradewind up` in a temporary folder, its processes' memory and time as the kernel counts them.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::local::{child, ready};

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

pub(crate) struct Stack {
    up: Child,
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
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["up", "--empty", "--db", database.name(), "--data"])
            .arg(folder.path());
        command.args(["--port", &port.to_string(), "--base-port", &base_port.to_string()]);
        for (key, value) in [
            ("GATEWAY__REQUESTS_PER_SECOND_PER_PRINCIPAL", "0"),
            ("GATEWAY__REQUESTS_PER_SECOND_PER_ADDRESS", "0"),
            ("IDENTITY__ARGON2_MEMORY_KIB", "8"),
            ("IDENTITY__ARGON2_PASSES", "1"),
            // A line for each request is for those who look for one.
            ("LOG_FILTER", "warn"),
            // The market is still being filled when the first orders of others come.
            ("IDENTITY__ACCESS_TOKEN_S", "7200"),
        ] {
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
        Ok(Self {
            up,
            port,
            base_port,
            ready_after: started.elapsed(),
            _folder: folder,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn end(&mut self) -> Result<()> {
        child::end(&mut self.up, Signal::TERM).await;
        Ok(())
    }

    /// Every process of the stack, by what it is.
    fn processes(&self) -> Result<Vec<(String, PathBuf)>> {
        let mut ours = HashSet::from([self.up.id().context("the stack has ended")?]);
        let mut all = Vec::new();
        for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
                continue;
            };
            let parent = after_name(&stat)
                .and_then(|fields| fields.split(' ').nth(1))
                .and_then(|parent| parent.parse().ok());
            all.push((pid, parent.unwrap_or(0), entry.path()));
        }
        all.sort_unstable_by_key(|(pid, ..)| *pid);
        let mut found = Vec::new();
        for (pid, parent, path) in all {
            if ours.contains(&parent) {
                ours.insert(pid);
                found.push((name_of(&path), path));
            }
        }
        Ok(found)
    }

    /// Resident memory of our own processes, in megabytes; the database and the broker apart. What processes share, such as the program's code, counts
    /// for each of them.
    pub(crate) fn resident_mb(&self) -> Result<f64> {
        self.memory_mb("status", "VmRSS:")
    }

    /// The same, with what processes share counted once: what the machine is short of.
    pub(crate) fn proportional_mb(&self) -> Result<f64> {
        self.memory_mb("smaps_rollup", "Pss:")
    }

    fn memory_mb(&self, file: &str, line: &str) -> Result<f64> {
        let mut kilobytes = 0;
        for (name, path) in self.processes()? {
            if !["postgres", "nats-server", "runuser"].contains(&name.as_str()) {
                let lines = fs::read_to_string(path.join(file)).unwrap_or_default();
                let found = lines.lines().find_map(|told| told.strip_prefix(line));
                kilobytes += found
                    .and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok())
                    .unwrap_or(0);
            }
        }
        Ok(kilobytes as f64 / 1_024.0)
    }

    /// Processor time spent so far, in seconds, by what the process is.
    pub(crate) fn cpu_s(&self) -> Result<BTreeMap<String, f64>> {
        let mut spent = BTreeMap::new();
        for (name, path) in self.processes()? {
            let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
            let ticks: u64 = after_name(&stat).map_or(0, |fields| {
                fields
                    .split(' ')
                    .skip(11)
                    .take(2)
                    .filter_map(|field| field.parse::<u64>().ok())
                    .sum()
            });
            *spent.entry(name).or_default() += ticks as f64 / 100.0;
        }
        Ok(spent)
    }

    fn psql(&self) -> Command {
        let mut psql = Command::new("psql");
        let port = (self.base_port + 1).to_string();
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &port]);
        psql
    }

    /// Rows that were inserted or updated so far, over all databases; nothing without PostgreSQL.
    pub(crate) async fn rows_written(&self) -> Option<f64> {
        let query = "SELECT sum(tup_inserted + tup_updated) FROM pg_stat_database";
        let told = self
            .psql()
            .args(["-d", "postgres", "-Atqc", query])
            .stderr(Stdio::null())
            .output()
            .await
            .ok()?;
        String::from_utf8(told.stdout).ok()?.trim().parse().ok()
    }

    /// What this PostgreSQL commits when one transaction writes as many rows as a checkout, with as many clients as there are buyers.
    pub(crate) async fn pgbench(&self, rows: u32) -> Result<f64> {
        let table = "CREATE TABLE bench (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, payload text)";
        ensure!(
            self.psql().args(["-d", "postgres", "-qc", table]).status().await?.success(),
            "pgbench's table cannot be made"
        );
        let script = tempfile::NamedTempFile::new()?;
        fs::write(
            script.path(),
            format!("INSERT INTO bench (payload) SELECT repeat('x', 120) FROM generate_series(1, {rows});\n"),
        )?;
        let programs = fs::read_dir("/usr/lib/postgresql")?
            .filter_map(Result::ok)
            .map(|entry| entry.path().join("bin/pgbench"))
            .max();
        let output = Command::new(programs.context("pgbench is not installed")?)
            .args([
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-p",
                &(self.base_port + 1).to_string(),
                "-n",
                "-c",
                "64",
                "-j",
                "4",
                "-T",
                "5",
                "-f",
            ])
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

/// What follows the process's name in `/proc/<pid>/stat`, which may itself contain spaces.
fn after_name(stat: &str) -> Option<&str> {
    stat.rsplit_once(") ").map(|(_, fields)| fields)
}

/// A service by its name, everything else by its program.
fn name_of(path: &std::path::Path) -> String {
    let line = fs::read_to_string(path.join("cmdline")).unwrap_or_default();
    let mut words = line.split('\0');
    let program = words
        .next()
        .unwrap_or_default()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .split(':')
        .next()
        .unwrap_or_default()
        .to_owned();
    if words.next() == Some("serve") {
        words.next().unwrap_or_default().to_owned()
    } else {
        program
    }
}

/// A port for the gateway, and a hundred after it for everything else, that nobody listens on.
fn free_ports() -> Result<(u16, u16)> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let mut places = (18_480..30_000).step_by(200);
    let port = places.find(|port| is_free(*port) && (*port + 20..*port + 120).all(is_free));
    let port = port.context("no free ports for the stack")?;
    Ok((port, port + 20))
}
