//! One transaction for many updates: [`attempt`] trusts what the lane remembers, [`commit`] locks and looks.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use kernel::Time;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use crate::{Work, broken::Broken, bulk, job::Job, memory::Memory, rows::causes, timers, writes::Writes};

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

/// Carries out the jobs in one statement on PostgreSQL, without a lock and mostly without reading: remembered
/// rows are as they were and causes are new, or the statement fails. Leaves those jobs for [`commit`] that
/// cannot be answered so: after an error all, otherwise those that refused.
pub(crate) async fn attempt(
    db: &DatabaseConnection,
    now: Time,
    memory: &mut Memory,
    jobs: &mut [Box<dyn Job>],
) -> Result<(Committed, Vec<bool>), Broken> {
    let mut work = Work::new(now, jobs.iter().map(|job| job.keys()));
    for shelf in work.shelves() {
        shelf.recall(db, memory).await?;
    }
    let ran = run(now, &mut work, jobs, HashMap::new());
    writes(db.get_database_backend(), &work, &ran).carry_out(db.into()).await?;
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
    let mut work = Work::new(now, jobs.iter().map(|job| job.keys()));
    let tx = begin(db).await?;
    for shelf in work.shelves() {
        shelf.lock(&tx, memory).await?;
    }
    // The rows are locked already. So whoever wrote for the same cause has either committed, and the cause is known here; or is still
    // writing it, and then the database lets only one of the two rows in, and the other transaction runs again.
    let recorded = jobs.iter().map(|job| job.cause()).filter(|cause| cause.recorded);
    let ids: Vec<Uuid> = recorded.map(|cause| cause.id).collect();
    let known = bulk::load::<causes::Entity>(&(&tx).into(), &ids, false).await?;
    let ran = run(now, &mut work, jobs, known.into_iter().map(|cause| (cause.id, cause)).collect());
    // A row that is not there cannot be locked: while we loaded the next table, somebody may have added it. If our closures add it as well,
    // the database refuses that; if one of them refused because it was missing, that refusal may be wrong, so the batch has to look again.
    if ran.refused.contains(&true) && work.has_appeared(&tx).await? {
        return Err(Broken::Moved);
    }
    let writes = writes(tx.get_database_backend(), &work, &ran);
    if writes.is_empty() {
        tx.rollback().await?;
        return Ok(Committed::default());
    }
    writes.carry_out((&tx).into()).await?;
    tx.commit().await?;
    Ok(Committed::of(&work, now))
}

/// Everything that a batch writes.
fn writes(backend: DbBackend, work: &Work, ran: &Ran) -> Writes {
    let mut writes = Writes::new(backend);
    work.write(&mut writes);
    writes.insert::<causes::Entity>(&ran.causes);
    writes
}

/// What became of the closures.
struct Ran {
    /// The causes to record.
    causes: Vec<causes::Model>,
    /// For each job, whether it was refused.
    refused: Vec<bool>,
}

/// Runs the closures in order of arrival.
fn run(now: Time, work: &mut Work, jobs: &mut [Box<dyn Job>], mut known: HashMap<Uuid, causes::Model>) -> Ran {
    let mut causes = Vec::with_capacity(jobs.len());
    let mut refused = Vec::with_capacity(jobs.len());
    for job in jobs.iter_mut() {
        let cause = job.cause().clone();
        if let Some(recorded) = known.get(&cause.id) {
            if recorded.request == cause.request {
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
        let Some(answer) = answer else {
            work.forget();
            continue;
        };
        if cause.recorded {
            let row = causes::Model {
                id: cause.id,
                request: cause.request,
                answer,
                created: now.micros(),
            };
            known.insert(cause.id, row.clone());
            causes.push(row);
        }
    }
    causes.sort_unstable_by_key(|row| row.id);
    Ran { causes, refused }
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
