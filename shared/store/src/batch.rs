//! One transaction for many updates: [`attempt`] trusts what the lane remembers, [`commit`] locks and looks.

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

use crate::{Corrupt, Work, bulk, lane::Job, memory::Memory, rows, timers, writes::Writes};

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

impl Committed {
    fn of(work: &Work, now: Time) -> Self {
        Self {
            facts: !work.facts.is_empty(),
            timers: work.timers.values().flatten().any(|due| *due <= now.plus(timers::POLL)),
        }
    }
}

/// Carries out the jobs in one statement on PostgreSQL, without a lock and mostly without reading: remembered rows are as they were and causes are new,
/// or the statement fails. Leaves those jobs for [`commit`] that cannot be answered so: after an error all, otherwise those that refused.
pub(crate) async fn attempt(
    db: &DatabaseConnection,
    now: Time,
    memory: &mut Memory,
    jobs: &mut [Box<dyn Job>],
) -> Result<(Committed, Vec<bool>), Broken> {
    let mut work = Work::new(now);
    for job in jobs.iter() {
        work.want(job.keys());
    }
    for shelf in work.shelves() {
        shelf.recall(db, memory).await?;
    }
    let ran = run(now, &mut work, jobs, HashMap::new());
    let mut writes = Writes::new(db.get_database_backend());
    work.write(&mut writes);
    writes.insert::<rows::causes::Entity>(&ran.causes);
    writes.carry_out(db.into()).await?;
    let committed = Committed::of(&work, now);
    work.remember(memory);
    Ok((committed, ran.refused))
}

/// Carries out all jobs in one transaction that locks what it reads. After an error nothing is written, and every job can be run again.
pub(crate) async fn commit(
    db: &DatabaseConnection,
    now: Time,
    memory: &mut Memory,
    jobs: &mut [Box<dyn Job>],
) -> Result<Committed, Broken> {
    let mut work = Work::new(now);
    for job in jobs.iter() {
        work.want(job.keys());
    }
    let tx = begin(db).await?;
    for shelf in work.shelves() {
        shelf.lock(&tx, memory).await?;
    }
    // The rows are locked already, so whoever had the same cause is either committed and known here, or meets our row of causes and one of us runs again.
    let recorded = jobs.iter().map(|job| job.cause()).filter(|cause| cause.recorded);
    let ids: Vec<Uuid> = recorded.map(|cause| cause.id).collect();
    let known = known_causes(&tx, &ids).await?;
    let ran = run(now, &mut work, jobs, known);
    // What is there is locked, but what is not there cannot be: between two tables somebody may have added a row. Whoever adds it too is told by the
    // database; whoever refuses because of it has to look again.
    if ran.refused.contains(&true) && work.has_appeared(&tx).await? {
        return Err(Broken::Moved);
    }
    let mut writes = Writes::new(tx.get_database_backend());
    work.write(&mut writes);
    writes.insert::<rows::causes::Entity>(&ran.causes);
    if writes.is_empty() {
        tx.rollback().await?;
        return Ok(Committed::default());
    }
    writes.carry_out((&tx).into()).await?;
    tx.commit().await?;
    Ok(Committed::of(&work, now))
}

/// What became of the closures.
struct Ran {
    /// The causes to record.
    causes: Vec<rows::causes::Model>,
    /// For each job, whether it was refused.
    refused: Vec<bool>,
}

/// Runs the closures in order of arrival.
fn run(now: Time, work: &mut Work, jobs: &mut [Box<dyn Job>], mut known: HashMap<Uuid, rows::causes::Model>) -> Ran {
    let mut causes = Vec::with_capacity(jobs.len());
    let mut refused = Vec::with_capacity(jobs.len());
    for job in jobs.iter_mut() {
        let cause = job.cause().clone();
        if let Some(recorded) = known.get(&cause.id) {
            let same = recorded.request == cause.request;
            if same {
                job.repeat(work, &recorded.answer);
            } else {
                job.key_reused();
            }
            refused.push(false);
            continue;
        }
        let answer = catch_unwind(AssertUnwindSafe(|| job.run(work))).unwrap_or_else(|_| {
            job.panicked();
            None
        });
        refused.push(answer.is_none());
        match answer {
            Some(answer) => {
                let row = rows::causes::Model {
                    id: cause.id,
                    request: cause.request,
                    answer,
                    created: now.micros(),
                };
                if cause.recorded {
                    known.insert(cause.id, row.clone());
                    causes.push(row);
                }
            }
            None => work.forget(),
        }
    }
    causes.sort_unstable_by_key(|row| row.id);
    Ran { causes, refused }
}

async fn known_causes(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<HashMap<Uuid, rows::causes::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
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
