//! A real NATS server with JetStream.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// A NATS server on a free loopback port, ended with the test.
pub struct Nats {
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl Nats {
    /// Starts a server and waits until it answers.
    pub async fn start() -> Self {
        let mut nats = Self {
            port: crate::free_port(),
            folder: tempfile::tempdir().unwrap(),
            process: None,
        };
        nats.resume().await;
        nats
    }

    /// Where to connect to.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Ends the server at once, as a crash would; what it stored stays.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Ends the server and loses everything that it stored.
    pub fn lose(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(self.store());
    }

    /// Starts the server again, on the same port.
    pub async fn resume(&mut self) {
        let process = Command::new(binary())
            .args([
                "--addr",
                "127.0.0.1",
                "--port",
                &self.port.to_string(),
                "--jetstream",
                "--store_dir",
            ])
            .arg(self.store())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nats-server starts; `make tools` installs it");
        self.process = Some(process);
        let url = self.url();
        crate::until("the NATS server answers", || {
            let url = url.clone();
            async move { async_nats::connect(url).await.is_ok() }
        })
        .await;
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("jetstream")
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Debian puts servers where an ordinary user's path may not lead.
fn binary() -> PathBuf {
    let usual = Path::new("/usr/sbin/nats-server");
    if usual.exists() {
        usual.to_owned()
    } else {
        PathBuf::from("nats-server")
    }
}
