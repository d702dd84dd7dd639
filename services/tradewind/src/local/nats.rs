//! NATS with JetStream, as Debian packages it.

use std::{fs, path::Path};

use anyhow::{Result, bail};
use tokio::{net::TcpStream, process::Child};

use super::{child, plan::Plan};

/// Starts the server; the services wait for it themselves.
pub(crate) async fn start(plan: &Plan) -> Result<Child> {
    if TcpStream::connect(("127.0.0.1", plan.base_port)).await.is_ok() {
        bail!(
            "something listens on port {} already; is another ecosystem running?",
            plan.base_port
        );
    }
    let usual = Path::new("/usr/sbin/nats-server");
    let program = if usual.exists() { usual } else { Path::new("nats-server") };
    let mut command = child::command(program, &plan.data.join("nats.log"))?;
    command
        .args([
            "--addr",
            "127.0.0.1",
            "--port",
            &plan.base_port.to_string(),
            "--jetstream",
            "--store_dir",
        ])
        .arg(plan.data.join("nats"));
    match command.spawn() {
        Ok(child) => {
            let pid = child.id().map(|pid| pid.to_string()).unwrap_or_default();
            fs::write(plan.data.join("nats.pid"), pid)?;
            Ok(child)
        }
        Err(error) => bail!("nats-server does not start ({error}); `make tools` installs it"),
    }
}
