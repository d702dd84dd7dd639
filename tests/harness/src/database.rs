//! A fresh database for each test: an SQLite file always, and one on PostgreSQL when `TRADEWIND_TEST_POSTGRES` holds a server's URL.

use sea_orm::{ConnectionTrait, Database as SeaOrm};
use tempfile::TempDir;
use uuid::Uuid;

use crate::Line;

/// A database that goes away with the test.
pub struct Database {
    url: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// A fresh SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self {
            url,
            _folder: Some(folder),
        }
    }

    /// A fresh database on the server that the environment names, if it names one. The server is the test run's own and goes away with it.
    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("TRADEWIND_TEST_POSTGRES").ok()?;
        let name = format!("test_{}", Uuid::new_v4().simple());
        let admin = SeaOrm::connect(format!("{server}/postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        Some(Self {
            url: format!("{server}/{name}"),
            _folder: None,
        })
    }

    /// The same database, by a line to its server.
    pub async fn by_a_line(self) -> (Self, Line) {
        let (before, name) = self.url.rsplit_once('/').unwrap();
        let (before, server) = before.rsplit_once(['@', '/']).unwrap();
        let line = Line::to(server.parse().unwrap()).await;
        let scheme_and_user = &self.url[..=before.len()];
        let url = format!("{scheme_and_user}{}/{name}", line.address());
        (Self { url, ..self }, line)
    }

    /// Where to connect to.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// One fresh database of every kind that is at hand.
pub async fn databases() -> Vec<Database> {
    let mut all = vec![Database::sqlite()];
    all.extend(Database::postgres().await);
    all
}
