//! A PostgreSQL of our own: its data in our folder, as a user that is not root, one database for each service.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command as Blocking, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Signal, geteuid};
use tokio::process::{Child, Command};

use super::{child, home, plan::Plan, ports, services::SERVICES};

/// Where Debian puts the server's programs, in a folder for each version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// The folder of the newest server's programs.
pub(crate) fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir(INSTALLED)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()));
    let servers = versions.filter(|version| version.join("bin/postgres").exists());
    // Since 10, a version is one whole number.
    let newest = servers.max_by_key(|version| version.file_name()?.to_str()?.parse::<u32>().ok());
    let newest = newest.context("PostgreSQL's server is not installed; `make tools-postgres` installs it")?;
    Ok(newest.join("bin"))
}

/// Starts the server and makes the databases that are missing.
pub(crate) async fn start(plan: &Plan) -> Result<Child> {
    ports::wait_for(plan.postgres_port(), "PostgreSQL").await?;
    let programs = programs()?;
    let home = home::of(&plan.home())?;
    if !home.join("data").exists() {
        initialise(&programs, &home)?;
    }
    let mut server = child::spawn(&mut server(&programs, &home, plan)?, &plan.data, "postgres")?;
    let log = plan.data.join("postgres.log");
    for _ in 0..200 {
        if let Some(status) = server.try_wait()? {
            bail!("PostgreSQL ended ({status}); see {}", log.display());
        }
        if make_databases(&programs, plan)? {
            return Ok(server);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    child::end(&mut server, Signal::INT).await;
    bail!("PostgreSQL does not answer; see {}", log.display())
}

/// The server's process.
fn server(programs: &Path, home: &Path, plan: &Plan) -> Result<Command> {
    let program = programs.join("postgres");
    let mut command = if geteuid().is_root() {
        // `runuser` would stand between us and the server, and not pass our
        // signals on. Whoever changes the user has to ask for the signal again.
        let mut as_postgres = child::command("setpriv", &plan.data, "postgres")?;
        as_postgres.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]);
        as_postgres.args(["--pdeathsig", "INT", "--"]).arg(program);
        as_postgres
    } else {
        child::command(program, &plan.data, "postgres")?
    };
    command.arg("-D").arg(home.join("data")).current_dir(home);
    // A socket's path must be short, and ours may be long.
    command.args([
        "-k",
        "",
        "-h",
        "127.0.0.1",
        "-p",
        &plan.postgres_port().to_string(),
        "-c",
        "max_connections=300",
        "-c",
        "shared_buffers=256MB",
        // A statement whose rows another replica was first to change is an error to
        // PostgreSQL and everyday life to us, and the statements are long.
        "-c",
        "log_min_error_statement=fatal",
    ]);
    Ok(command)
}

fn initialise(programs: &Path, home: &Path) -> Result<()> {
    // Made beside its place, so that one that was interrupted is not taken for a whole one.
    let unfinished = home.join("data.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).with_context(|| format!("removing {}", unfinished.display()))?;
    }
    let mut initdb = as_server(&programs.join("initdb"));
    initdb
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])
        .arg(&unfinished)
        .current_dir(home);
    ensure!(
        initdb.stdout(Stdio::null()).status()?.success(),
        "initdb failed in {}",
        home.display()
    );
    fs::rename(&unfinished, home.join("data")).context("putting a new PostgreSQL in its place")
}

/// PostgreSQL refuses to run as root.
fn as_server(program: &Path) -> Blocking {
    if geteuid().is_root() {
        let mut command = Blocking::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Blocking::new(program)
    }
}

/// False while the server does not answer yet.
fn make_databases(programs: &Path, plan: &Plan) -> Result<bool> {
    let psql = |texts: &[String]| {
        let port = plan.postgres_port().to_string();
        Blocking::new(programs.join("psql"))
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-U",
                "postgres",
                "-d",
                "postgres",
                "-Atq",
                "-v",
                "ON_ERROR_STOP=1",
            ])
            .args(texts.iter().flat_map(|text| ["-c", text]))
            .stderr(Stdio::null())
            .output()
    };
    let known = psql(&["SELECT datname FROM pg_database".to_owned()])?;
    if !known.status.success() {
        return Ok(false);
    }
    let known = String::from_utf8_lossy(&known.stdout).into_owned();
    let missing = SERVICES.iter().filter(|service| !known.lines().any(|name| name == **service));
    let missing: Vec<String> = missing.map(|service| format!("CREATE DATABASE \"{service}\"")).collect();
    ensure!(
        missing.is_empty() || psql(&missing)?.status.success(),
        "the databases of the services cannot be made"
    );
    Ok(true)
}
