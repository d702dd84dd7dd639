//! The whole ecosystem on this machine: NATS, the databases and every service as processes of their own.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum, value_parser};

use crate::{
    seed,
    up::{self, plan::Plan},
};

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

/// Runs until Ctrl-C or SIGTERM.
///
/// # Errors
/// A layout that cannot be, or a process that does not start.
pub fn run(options: Options) -> Result<()> {
    let replicas = Plan::parse_replicas(&options.replicas)?;
    let postgres = options.db == Database::Postgres;
    ensure!(
        postgres || replicas.values().all(|count| *count == 1),
        "replicas share a database, so they need --db postgres"
    );
    fs::create_dir_all(&options.data).with_context(|| format!("making {}", options.data.display()))?;
    let plan = Plan {
        data: fs::canonicalize(&options.data)?,
        gateway_port: options.port,
        base_port: options.base_port,
        postgres,
        replicas,
        operators: options.operator,
        seed: !options.empty,
    };
    // One thread: the kernel ends our children when the thread that started them ends.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(up::run(&plan))
}

/// Identity would not start with anything else.
fn email(text: &str) -> Result<String, &'static str> {
    let known = identity::is_email(text).then(|| text.to_owned());
    known.ok_or("it is not an e-mail address such as operator@tradewind.example")
}
