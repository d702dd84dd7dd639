//! `tradewind up` in a folder and on ports of its own, ended with the test.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use harness::Ports;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tradewind::client::Client;

use crate::Market;

/// Every service with a database.
pub const SERVICES: [&str; 6] = ["identity", "catalog", "order", "payment", "logistics", "messaging"];

/// Those of which two replicas run where there is PostgreSQL.
const REPLICATED: [&str; 4] = ["order", "payment", "logistics", "messaging"];

/// How long everything may take to be as it should.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the services store in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// One file for each service.
    Sqlite,
    /// A server of the ecosystem's own, with a database for each service and two replicas of order, payment, logistics and messaging.
    PostgresWithReplicas,
}

impl Database {
    /// SQLite always, and PostgreSQL where it is installed.
    pub fn at_hand() -> Vec<Self> {
        let mut all = vec![Self::Sqlite];
        if Path::new("/usr/lib/postgresql").exists() {
            all.push(Self::PostgresWithReplicas);
        }
        all
    }
}

/// A running ecosystem.
pub struct Ecosystem {
    folder: TempDir,
    ports: Ports,
    database: Database,
    process: Child,
}

impl Ecosystem {
    /// Starts everything, with windows of time that tests can wait for, and waits until all is ready.
    ///
    /// # Panics
    /// When the program is not built, or is not ready within a minute.
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, &[]).await
    }

    /// As [`Ecosystem::start`], with more in every process's environment.
    ///
    /// # Panics
    /// As [`Ecosystem::start`].
    pub async fn start_with(database: Database, environment: &[(&str, &str)]) -> Self {
        Self::launch(database, environment, &["--empty"]).await
    }

    /// As [`Ecosystem::start`] on SQLite, with the demo market, which is being filled from now on.
    ///
    /// # Panics
    /// As [`Ecosystem::start`].
    pub async fn with_demo_market() -> Self {
        Self::launch(Database::Sqlite, &[], &[]).await
    }

    async fn launch(database: Database, environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL runs as another user when we are root, and must get to its data.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let ports = Ports::hundred();
        let mut command = Command::new(program());
        command.args(["up", "--data"]).arg(folder.path()).args(arguments);
        let (gateway, others) = (ports.first(), ports.first() + 1);
        command.args(["--port", &gateway.to_string(), "--base-port", &others.to_string()]);
        if database == Database::PostgresWithReplicas {
            command.args(["--db", "postgres"]);
            for service in REPLICATED {
                command.args(["--replicas", &format!("{service}=2")]);
            }
        }
        for (key, value) in [
            // Registering is not what these tests are about.
            ("IDENTITY__ARGON2_MEMORY_KIB", "8"),
            ("IDENTITY__ARGON2_PASSES", "1"),
            ("ORDER__SAGA_RECOVERY_S", "1"),
            ("ORDER__INSPECTION_WINDOW_S", "8"),
            ("GATEWAY__REQUESTS_PER_SECOND_PER_PRINCIPAL", "0"),
            ("GATEWAY__REQUESTS_PER_SECOND_PER_ADDRESS", "0"),
        ] {
            command.env(format!("TRADEWIND__{key}"), value);
        }
        command.envs(environment.iter().copied());
        let log = fs::File::create(folder.path().join("up.log")).unwrap();
        let process = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let ecosystem = Self {
            folder,
            ports,
            database,
            process,
        };
        ecosystem.ready().await;
        ecosystem
    }

    /// Waits until every service answers.
    ///
    /// # Panics
    /// After a minute, with what the processes logged.
    pub async fn ready(&self) {
        let url = format!("http://127.0.0.1:{}/readyz?all", self.ports.first());
        let started = Instant::now();
        while !reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(started.elapsed() < PATIENCE, "not ready:\n{}", self.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the doctor finds nothing wrong: every event is published and heard, none is a dead letter, no deadline is overdue, and
    /// the audits of books, seals, stock and sequences are clean.
    ///
    /// # Panics
    /// After a minute, with what the doctor said.
    pub async fn is_well(&self) {
        let started = Instant::now();
        loop {
            let (well, said) = self.run(&["doctor", "--lag", "0"]).await;
            if well {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{said}");
        }
    }

    /// Who trades here.
    pub fn market(&self) -> Market {
        Market { gateway: self.gateway() }
    }

    /// A client with nobody signed in.
    pub fn gateway(&self) -> Client {
        Client::new(self.url())
    }

    /// The gateway's URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.first())
    }

    /// Where it keeps keys and logs.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Where it keeps databases and streams.
    pub fn home(&self) -> PathBuf {
        self.data().join(match self.database {
            Database::Sqlite => "sqlite",
            Database::PostgresWithReplicas => "postgres",
        })
    }

    /// The secret that the sandbox carrier and provider sign with.
    pub fn webhook_secret(&self) -> String {
        let keys: serde_json::Value = serde_json::from_str(&fs::read_to_string(self.data().join("keys.json")).unwrap()).unwrap();
        keys["webhook_secret"].as_str().unwrap().to_owned()
    }

    /// Kills a process of ours, such as `order`, `order-2` or `nats`, as a crash would; it is started again.
    pub fn kill(&self, name: &str) {
        self.signal(name, Signal::KILL);
    }

    /// Lets a service's process end in order, and waits until another one serves in its place.
    ///
    /// # Panics
    /// When that takes more than half a minute.
    pub async fn replace(&self, name: &str) {
        let log = self.folder.path().join(format!("{name}.log"));
        let starts = || fs::read_to_string(&log).unwrap().matches("serving service=").count();
        let before = starts();
        self.signal(name, Signal::TERM);
        harness::until(&format!("another {name} serves"), || async { starts() > before }).await;
    }

    /// Stops a process in its tracks, until it is killed or goes on.
    pub fn freeze(&self, name: &str) {
        self.signal(name, Signal::STOP);
    }

    /// Lets a process go on that was stopped.
    pub fn thaw(&self, name: &str) {
        self.signal(name, Signal::CONT);
    }

    fn signal(&self, name: &str, signal: Signal) {
        let pid = fs::read_to_string(self.folder.path().join(format!("{name}.pid"))).unwrap();
        if let Some(pid) = pid.trim().parse().ok().and_then(Pid::from_raw) {
            // It may be down already, from the last time.
            let _ = kill_process(pid, signal);
        }
    }

    /// Kills the broker, which loses all that it had stored, and waits until another one listens.
    pub async fn lose_streams(&self) {
        let store = self.home().join("nats");
        fs::rename(&store, self.folder.path().join("nats.lost")).unwrap();
        self.kill("nats");
        harness::until("the broker is back with nothing", || async { store.exists() }).await;
    }

    /// The names of a service's processes, such as `order` and `order-2`.
    pub fn replicas(&self, service: &str) -> Vec<String> {
        let mut names = vec![service.to_owned()];
        if self.database == Database::PostgresWithReplicas && REPLICATED.contains(&service) {
            names.push(format!("{service}-2"));
        }
        names
    }

    /// The database of a service, for a hand that does what no service would.
    pub fn database(&self, service: &str) -> String {
        match self.database {
            Database::Sqlite => format!("sqlite:{}", self.home().join(format!("{service}.db")).display()),
            Database::PostgresWithReplicas => format!("postgres://postgres@127.0.0.1:{}/{service}", self.ports.first() + 2),
        }
    }

    /// Runs a command of an operator's against this ecosystem: whether it succeeded, and all that it said.
    pub async fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = tokio::process::Command::new(program());
        let output = command.args(arguments).args(["--gateway", &self.url()]).output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// What the processes logged, newest lines last.
    pub fn logs(&self) -> String {
        let mut logs = String::new();
        for entry in fs::read_dir(self.folder.path()).unwrap().filter_map(Result::ok) {
            if entry.path().extension().is_some_and(|extension| extension == "log") {
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                let lines: Vec<&str> = text.lines().rev().take(15).collect();
                logs.push_str(&format!("== {}\n", entry.file_name().display()));
                logs.extend(lines.iter().rev().map(|line| format!("{line}\n")));
            }
        }
        logs
    }
}

impl Drop for Ecosystem {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
    }
}

/// The program stands beside the tests that cargo built: `target/debug/deps/journeys-…` and `target/debug/tradewind`.
///
/// # Panics
/// When it was not built, or not since its sources changed.
pub fn program() -> PathBuf {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = std::env::current_exe().unwrap();
        let program = test.parent().and_then(Path::parent).unwrap().join("tradewind");
        assert!(program.exists(), "build the program first: cargo build --package tradewind");
        let built = program.metadata().unwrap().modified().unwrap();
        let newer = sources_of(&program).find(|source| source.metadata().is_ok_and(|file| file.modified().unwrap() > built));
        assert!(
            newer.is_none(),
            "{newer:?} is newer than the program: cargo build --package tradewind"
        );
        program
    });
    PROGRAM.clone()
}

/// What cargo made a program of, which it writes down beside it.
fn sources_of(program: &Path) -> impl Iterator<Item = PathBuf> {
    let written = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let paths: Vec<PathBuf> = written.split_whitespace().skip(1).map(PathBuf::from).collect();
    paths.into_iter().filter(|path| path.extension().is_some())
}
