//! Opening databases: one writer and many readers on SQLite, pools on
//! PostgreSQL, and migrations that replicas do not run into each other with.

use std::time::Duration;

use futures::future::try_join_all;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait};
use sqlx::{Connection, SqliteConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

use crate::{batch::begin, error::is_contention};

/// The key of the advisory lock that replicas take turns with; any number that nothing else uses.
const MIGRATION_LOCK: i64 = 0x7472_6164_6577_696e;

/// How soon a database that is well answers on a new connection.
const PROMPT: Duration = Duration::from_secs(5);

/// How often it is tried to migrate on SQLite, each time for as long as it waits for others, when they are in the way all the same.
const TRIES: u32 = 3;

/// The connections of one store.
pub(crate) struct Pools {
    pub(crate) read: DatabaseConnection,
    /// One for each lane.
    pub(crate) lanes: Vec<DatabaseConnection>,
    /// For timers, leases and the sweeper, which write beside the lanes.
    pub(crate) write: DatabaseConnection,
    /// For marks that may be forgotten when the database breaks down, and need not wait for its disk.
    pub(crate) relay: DatabaseConnection,
}

impl Pools {
    pub(crate) async fn connect(url: &str, lanes: usize, readers: u32) -> Result<Self, DbErr> {
        if is_sqlite(url) {
            // One writer, as SQLite wants it; the readers see the last commit (WAL) and never wait.
            let write = Database::connect(sqlite(url, 1)).await?;
            let read = if url.contains(":memory:") {
                write.clone()
            } else {
                Database::connect(sqlite(url, readers)).await?
            };
            let relay = write.clone();
            let lanes = vec![write.clone()];
            return Ok(Self { read, lanes, write, relay });
        }
        // A lane keeps to one connection, whose server process then has everything at hand; a pool would hand it round.
        let lanes = (0..lanes.max(1)).map(|_| Database::connect(postgres(url, 1)));
        let lanes = try_join_all(lanes).await?;
        let write = Database::connect(postgres(url, 2)).await?;
        let read = Database::connect(postgres(url, readers)).await?;
        let mut hasty = postgres(url, 1);
        // An index scan, unlike a bitmap's, clears the index of what has been published since.
        hasty.map_sqlx_postgres_opts(|postgres| tuned(postgres).options([("synchronous_commit", "off"), ("enable_bitmapscan", "off")]));
        let relay = Database::connect(hasty).await?;
        Ok(Self { read, lanes, write, relay })
    }
}

/// Brings the schema up to date: the store's tables, then those of the service.
pub(crate) async fn migrate<M: MigratorTrait>(url: &str) -> Result<(), DbErr> {
    if is_sqlite(url) {
        up_patiently::<M>(url).await
    } else {
        let db = Database::connect(postgres(url, 1)).await?;
        let outcome = up_in_turn::<M>(&db).await;
        db.close().await?;
        outcome
    }
}

/// PostgreSQL lets replicas take turns. The lock ends with the connection at the latest.
async fn up_in_turn<M: MigratorTrait>(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    up::<M>(db).await
}

/// On SQLite all of it is one transaction, which has the file for itself:
/// whoever comes meanwhile waits, and whoever is killed has changed nothing.
async fn up_patiently<M: MigratorTrait>(url: &str) -> Result<(), DbErr> {
    for _ in 1..TRIES {
        match up_at_once::<M>(url).await {
            Err(error) if is_contention(&error) => {}
            outcome => return outcome,
        }
    }
    up_at_once::<M>(url).await
}

async fn up_at_once<M: MigratorTrait>(url: &str) -> Result<(), DbErr> {
    let db = Database::connect(sqlite(url, 1)).await?;
    let tx = begin(&db).await?;
    up::<M>(&tx).await?;
    tx.commit().await?;
    db.close().await
}

async fn up<'c, M: MigratorTrait>(db: impl IntoSchemaManagerConnection<'c> + Copy) -> Result<(), DbErr> {
    crate::migrations::Migrator::up(db, None).await?;
    M::up(db, None).await
}

/// Whether a database server answers on a new connection, and soon. A file is not asked: it has no connections that might be lost.
pub(crate) async fn answers(url: &str) -> bool {
    let asked = async {
        let db = Database::connect(postgres(url, 1)).await?;
        db.execute_unprepared("SELECT 1").await?;
        db.close().await
    };
    !is_sqlite(url) && matches!(timeout(PROMPT, asked).await, Ok(Ok(())))
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

fn quiet(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(0)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false);
    options
}

/// Every statement of ours finds its rows by an index, whatever its parameters are, so it is planned once. A plan
/// that was made while a table was new and empty would walk the whole table for as long as its connection lives, or
/// until the table is analysed; and nothing of ours is worth compiling.
fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = quiet(url, connections);
    options.map_sqlx_postgres_opts(tuned);
    options
}

fn tuned(options: PgConnectOptions) -> PgConnectOptions {
    options
        .options([("enable_seqscan", "off"), ("jit", "off"), ("plan_cache_mode", "force_generic_plan")])
        .statement_cache_capacity(500)
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = quiet(url, connections);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(200)
    });
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(is_out_of_transactions(connection))));
    options
}

/// Whether a connection may be used again. SQLite ends a transaction by itself when the disk is full or fails, so that sqlx finds none to
/// roll back and takes the next one for a part of it, which never commits. Such a connection is closed, which rolls back whatever it has.
async fn is_out_of_transactions(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    // A transaction that was dropped is rolled back before this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
