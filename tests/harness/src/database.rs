//! A fresh database for each test: an SQLite file always, and one on PostgreSQL when `TRADEWIND_TEST_POSTGRES` holds a server's URL.

use std::sync::Arc;

use kernel::Clock;
use sea_orm::{ConnectionTrait, Database as SeaOrm, DatabaseConnection, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::{Options, Store};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::Line;

/// A database that goes away with the test.
pub struct Database {
    url: String,
    behind: OnceCell<DatabaseConnection>,
    _folder: Option<TempDir>,
}

/// Of a store that has none but its own.
struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

impl Database {
    /// A fresh SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self {
            url,
            behind: OnceCell::new(),
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
            behind: OnceCell::new(),
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

    /// A store on it that has no tables but its own.
    pub async fn store(&self, clock: Arc<dyn Clock>) -> Store {
        Store::open::<NoTables>(&self.url, Options::new(clock)).await.unwrap()
    }

    /// A connection behind the back of whoever is under test. There is nothing to connect to before they have made their tables.
    pub async fn behind(&self) -> &DatabaseConnection {
        let connect = || async { SeaOrm::connect(&self.url).await.unwrap() };
        self.behind.get_or_init(connect).await
    }

    /// Changes something behind the back of whoever is under test.
    pub async fn execute(&self, statement: &str) {
        self.behind().await.execute_unprepared(statement).await.unwrap();
    }

    /// The number that a query finds.
    pub async fn number(&self, query: &str) -> i64 {
        let db = self.behind().await;
        let found = db.query_one_raw(Statement::from_string(db.get_database_backend(), query)).await;
        found.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// How many rows a table has, or those of it of which something holds: `timers`, or `outbox WHERE published IS NULL`.
    pub async fn count(&self, rows: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {rows}")).await
    }
}

/// One fresh database of every kind that is at hand.
pub async fn databases() -> Vec<Database> {
    let mut all = vec![Database::sqlite()];
    all.extend(Database::postgres().await);
    all
}
