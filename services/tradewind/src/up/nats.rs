//! NATS with JetStream, as Debian packages it.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use tokio::process::Child;

use super::{child, plan::Plan, ports};

/// Starts the server; the services wait for it themselves.
pub(crate) async fn start(plan: &Plan) -> Result<Child> {
    ports::wait_for(plan.base_port, "NATS").await?;
    // Debian puts servers where an ordinary user's path may not lead.
    let usual = Path::new("/usr/sbin/nats-server");
    let program = if usual.exists() { usual } else { Path::new("nats-server") };
    // What starts it would start, and only then find that it is missing.
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    found.context("nats-server cannot be run; `make tools` installs it")?;
    let mut command = child::command(program, &plan.data, "nats")?;
    command
        .args([
            "--addr",
            "127.0.0.1",
            "--port",
            &plan.base_port.to_string(),
            "--jetstream",
            "--store_dir",
        ])
        .arg(plan.home().join("nats"));
    child::spawn(&mut command, &plan.data, "nats")
}
