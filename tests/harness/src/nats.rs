//! A real NATS server with JetStream, which lets in only whom it knows.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use async_nats::{Client, ConnectOptions};

use tempfile::TempDir;
use uuid::Uuid;

use crate::Ports;

const USER: &str = "tests";

/// A NATS server on a loopback port of its own, ended with the test.
pub struct Nats {
    ports: Ports,
    /// Its own: another test's clients may still look for a server that had this port, and would take what is not theirs.
    password: String,
    folder: TempDir,
    process: Option<Child>,
}

impl Nats {
    /// Starts a server and waits until it answers.
    pub async fn start() -> Self {
        let mut nats = Self {
            ports: Ports::one(),
            password: format!("open sesame {}", Uuid::new_v4().simple()),
            folder: tempfile::tempdir().unwrap(),
            process: None,
        };
        nats.resume().await;
        nats
    }

    /// Where to connect to, and as whom.
    pub fn url(&self) -> String {
        format!("nats://{USER}:{}@127.0.0.1:{}", self.password.replace(' ', "%20"), self.port())
    }

    /// A client of its own, for tests that look behind the services.
    pub async fn client(&self) -> Client {
        self.connect().await.unwrap()
    }

    async fn connect(&self) -> Result<Client, async_nats::ConnectError> {
        let options = ConnectOptions::with_user_and_password(USER.to_owned(), self.password.clone());
        options.connect(format!("127.0.0.1:{}", self.port())).await
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

    /// Keeps what it stores now for [`Nats::forget`], and goes on.
    pub async fn remember(&mut self) {
        self.kill();
        copy(&self.store(), &self.folder.path().join("remembered"));
        self.resume().await;
    }

    /// Ends the server and loses what it stored since [`Nats::remember`],
    /// as a machine does whose power fails before its disk has everything.
    pub fn forget(&mut self) {
        self.lose();
        std::fs::rename(self.folder.path().join("remembered"), self.store()).unwrap();
    }

    /// Starts the server again, on the same port.
    pub async fn resume(&mut self) {
        let process = Command::new(nats_server())
            .args([
                "--addr",
                "127.0.0.1",
                "--port",
                &self.port().to_string(),
                "--user",
                USER,
                "--pass",
                &self.password,
                "--jetstream",
                "--store_dir",
            ])
            .arg(self.store())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nats-server starts; `make tools` installs it");
        self.process = Some(process);
        let nats = &*self;
        crate::until("the NATS server answers", || async { nats.connect().await.is_ok() }).await;
    }

    fn port(&self) -> u16 {
        self.ports.first()
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

/// A whole folder.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// The program. Debian puts servers where an ordinary user's path may not lead.
pub fn nats_server() -> PathBuf {
    let usual = Path::new("/usr/sbin/nats-server");
    if usual.exists() {
        usual.to_owned()
    } else {
        PathBuf::from("nats-server")
    }
}
