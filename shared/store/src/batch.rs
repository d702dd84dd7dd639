//! One transaction for many updates.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use kernel::Time;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value,
};
use uuid::Uuid;

use crate::{Corrupt, Work, bulk, lane::Job, rows, timers, writes::Writes};

/// Why a transaction failed as a whole.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error("{0}")]
    Corrupt(String),
    #[error("rows appeared while others were being loaded")]
    Moved,
}

impl From<Corrupt> for Broken {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt.to_string())
    }
}

/// What a committed transaction has for others to do.
#[derive(Default)]
pub(crate) struct Committed {
    pub(crate) facts: bool,
    /// A timer is due before those who run timers would look by themselves.
    pub(crate) timers: bool,
}

/// Carries out all jobs in one transaction. After an error nothing is written, and every job can be run again.
pub(crate) async fn commit(db: &DatabaseConnection, now: Time, jobs: &mut [Box<dyn Job>]) -> Result<Committed, Broken> {
    let mut work = Work::new(now);
    for job in jobs.iter() {
        work.want(job.keys());
    }
    let tx = begin(db).await?;
    for shelf in work.shelves() {
        shelf.load(&tx).await?;
    }
    let (causes, refused) = run(&tx, now, &mut work, jobs).await?;
    // What is there is locked, but what is not there cannot be: between two tables somebody may have added a row. Whoever adds it too is told by the
    // database; whoever refuses because of it has to look again.
    if refused && work.has_appeared(&tx).await? {
        return Err(Broken::Moved);
    }
    let mut writes = Writes::new(tx.get_database_backend());
    work.write(&mut writes);
    writes.insert::<rows::causes::Entity>(&causes);
    if writes.is_empty() {
        tx.rollback().await?;
        return Ok(Committed::default());
    }
    writes.carry_out(&tx).await?;
    tx.commit().await?;
    Ok(Committed {
        facts: !work.facts.is_empty(),
        timers: work.timers.values().flatten().any(|due| *due <= now.plus(timers::POLL)),
    })
}

/// Runs the closures in order of arrival and returns the causes to record. The rows are locked already, so whoever had the same cause is either
/// committed and known here, or meets our row of causes and one of us runs again. Also says whether any closure refused.
async fn run(
    tx: &DatabaseTransaction,
    now: Time,
    work: &mut Work,
    jobs: &mut [Box<dyn Job>],
) -> Result<(Vec<rows::causes::Model>, bool), Broken> {
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.cause().id).collect();
    let mut known = known_causes(tx, &ids).await?;
    let mut fresh = Vec::with_capacity(jobs.len());
    let mut refused = false;
    for job in jobs.iter_mut() {
        let cause = job.cause().clone();
        if let Some(recorded) = known.get(&cause.id) {
            if recorded.request == cause.request {
                job.repeat(work, &recorded.answer)
            } else {
                job.key_reused()
            }
            continue;
        }
        match catch_unwind(AssertUnwindSafe(|| job.run(work))) {
            Ok(Some(answer)) => {
                let row = rows::causes::Model {
                    id: cause.id,
                    request: cause.request,
                    answer,
                    created: now.micros(),
                };
                known.insert(cause.id, row.clone());
                fresh.push(row);
            }
            Ok(None) => {
                refused = true;
                work.forget();
            }
            Err(_) => {
                work.forget();
                job.panicked();
            }
        }
    }
    fresh.sort_unstable_by_key(|row| row.id);
    Ok((fresh, refused))
}

async fn known_causes(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<HashMap<Uuid, rows::causes::Model>, DbErr> {
    let select = "SELECT id, request, answer, created FROM causes WHERE id";
    let statement = match tx.get_database_backend() {
        DbBackend::Postgres => Statement::from_sql_and_values(DbBackend::Postgres, format!("{select} = ANY($1)"), [bulk::uuids(ids)]),
        sqlite => {
            let places = vec!["?"; ids.len()].join(", ");
            Statement::from_sql_and_values(sqlite, format!("{select} IN ({places})"), ids.iter().map(|id| Value::from(*id)))
        }
    };
    let found = tx.query_all_raw(statement).await?;
    found
        .iter()
        .map(|row| rows::causes::Model::from_query_result(row, "").map(|row| (row.id, row)))
        .collect()
}

/// On SQLite a transaction that reads before it writes must ask for the write lock at once.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let sqlite_transaction_mode = sqlite.then_some(SqliteTransactionMode::Immediate);
    db.begin_with_options(TransactionOptions {
        sqlite_transaction_mode,
        ..TransactionOptions::default()
    })
    .await
}
