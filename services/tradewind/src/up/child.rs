//! Child processes that never outlive us: the kernel ends them when we die, and we end them in order when we may.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// How long a process has to end before it is killed.
const PATIENCE: Duration = Duration::from_secs(15);

/// A process that ends with us (setpriv's `--pdeathsig`), its output in the data folder's `<name>.log`.
pub(crate) fn command(program: impl AsRef<OsStr>, data: &Path, name: &str) -> Result<Command> {
    let log = data.join(format!("{name}.log"));
    let file = File::options()
        .create(true)
        .append(true)
        .open(&log)
        .with_context(|| format!("opening {}", log.display()))?;
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}

/// Starts it, its process id in the data folder's `<name>.pid`.
pub(crate) fn spawn(command: &mut Command, data: &Path, name: &str) -> Result<Child> {
    let child = command.spawn().with_context(|| format!("starting {name}"))?;
    let pid = child.id().map(|pid| pid.to_string()).unwrap_or_default();
    fs::write(data.join(format!("{name}.pid")), pid)?;
    Ok(child)
}

/// Asks a process to end, and waits until it has.
pub(crate) async fn end(child: &mut Child, signal: Signal) {
    if let Some(pid) = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
        // It may have ended by itself in the meantime.
        let _ = kill_process(pid, signal);
    }
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}
