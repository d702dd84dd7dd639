//! Durable timers: deadlines that are rows, not sleeps, and survive restarts.

use std::{collections::HashMap, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use kernel::Time;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tokio::{task::JoinSet, time::Instant};
use uuid::Uuid;

use crate::Store;

/// How long a claimed timer is left alone before another replica, or this one, tries again.
const LEASE: Duration = Duration::from_secs(10);

/// The longest wait between two tries of a timer that keeps failing.
const LONGEST_BACKOFF: Duration = Duration::from_secs(300);

/// How often timers are looked for: so late at most does a replica notice one that another replica set.
pub(crate) const POLL: Duration = Duration::from_millis(500);

/// The shortest wait: what another replica takes at this moment is still there to be seen.
const PAUSE: Duration = Duration::from_millis(10);

/// How many timers are run at a time.
const AT_ONCE: usize = 64;

/// A deadline of an aggregate. There is one for each (kind, aggregate).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    pub(crate) kind: &'static str,
    pub(crate) aggregate: Uuid,
    pub(crate) due: Time,
}

impl Timer {
    /// A timer of this kind, such as `payment_deadline`, due at this time.
    pub fn new(kind: &'static str, aggregate: impl Into<Uuid>, due: Time) -> Self {
        Self {
            kind,
            aggregate: aggregate.into(),
            due,
        }
    }
}

/// A timer whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueTimer {
    /// Whose deadline it is.
    pub aggregate: Uuid,
    /// How often it was tried before.
    pub attempts: u32,
    lease: i64,
}

/// What is on the clock, for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimersWaiting {
    /// All timers.
    pub waiting: u64,
    /// Those whose time has passed.
    pub overdue: u64,
    /// When the oldest of them was due.
    pub oldest: Option<Time>,
    /// Those that were tried three times or more.
    pub failing: u64,
}

type Handler = Arc<dyn Fn(DueTimer) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Runs what is due. A handler that fails is tried again, later each time; one that succeeds is done with.
pub struct Timers {
    store: Store,
    handlers: HashMap<&'static str, Handler>,
}

impl Timers {
    /// No handlers yet.
    pub fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            handlers: HashMap::new(),
        }
    }

    /// What to do when a timer of this kind is due. It may be called twice for one deadline, so its write names the deadline as its cause.
    #[must_use]
    pub fn on<F, R, E>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(DueTimer) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Display,
    {
        let handler: Handler = Arc::new(move |due| {
            let run = handler(due);
            Box::pin(async move { run.await.map_err(|error| error.to_string()) })
        });
        self.handlers.insert(kind, handler);
        self
    }

    /// What is on the clock of a store.
    pub async fn waiting(store: &Store) -> Result<TimersWaiting, DbErr> {
        let (db, now) = (store.db(), store.clock().now().micros());
        let text = format!(
            "SELECT count(*) AS waiting, count(CASE WHEN due <= {now} THEN 1 END) AS overdue, \
             min(CASE WHEN due <= {now} THEN due END) AS oldest, count(CASE WHEN attempts >= 3 THEN 1 END) AS failing FROM timers"
        );
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), text)).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("a count without GROUP BY has one row".to_owned()))?;
        let count = |column: &str| row.try_get::<i64>("", column).map(i64::unsigned_abs);
        Ok(TimersWaiting {
            waiting: count("waiting")?,
            overdue: count("overdue")?,
            oldest: row.try_get::<Option<i64>>("", "oldest")?.map(Time::from_micros),
            failing: count("failing")?,
        })
    }

    /// Runs until it is dropped. A timer that takes long keeps no other one waiting.
    pub async fn run(self) {
        let timers = Arc::new(self);
        // Tasks of their own, which go on while we wait for the database.
        let mut at_work = JoinSet::new();
        let mut look = Instant::now();
        loop {
            let room = AT_ONCE - at_work.len();
            if Instant::now() >= look && room > 0 {
                let step = timers.store.step();
                let claimed = match timers.claim(room).await {
                    Ok(claimed) => {
                        // Where there is no room for more, more may be due.
                        if claimed.len() < room {
                            look = Instant::now() + timers.until_next().await.unwrap_or(POLL);
                        }
                        claimed
                    }
                    // What is due stays due: to look again at once would help nobody.
                    Err(error) => {
                        tracing::warn!(%error, "timers could not be claimed");
                        look = Instant::now() + POLL;
                        Vec::new()
                    }
                };
                drop(step);
                for (kind, due) in claimed {
                    let timers = Arc::clone(&timers);
                    at_work.spawn(async move { timers.run_one(kind, due).await });
                }
            }
            tokio::select! {
                Some(_) = at_work.join_next() => {}
                () = tokio::time::sleep_until(look), if at_work.len() < AT_ONCE => {}
                () = timers.store.wakers().timers.notified() => look = Instant::now(),
            }
        }
    }

    async fn run_one(&self, kind: String, due: DueTimer) {
        let Some(handler) = self.handlers.get(kind.as_str()) else {
            tracing::error!(kind, aggregate = %due.aggregate, "nobody handles this kind of timer");
            return;
        };
        let outcome = AssertUnwindSafe(handler(due)).catch_unwind().await;
        let done = match outcome.unwrap_or_else(|_| Err("the handler panicked".to_owned())) {
            Ok(()) => self.finish(&kind, due).await,
            Err(error) => {
                tracing::warn!(kind, aggregate = %due.aggregate, attempts = due.attempts, error, "a timer failed and is tried again later");
                self.postpone(&kind, due).await
            }
        };
        if let Err(error) = done {
            tracing::warn!(kind, aggregate = %due.aggregate, %error, "a timer could not be put away and runs again");
        }
    }

    /// Takes due timers, so many at most, for the length of a lease.
    async fn claim(&self, most: usize) -> Result<Vec<(String, DueTimer)>, DbErr> {
        let now = self.store.clock().now();
        // Nothing is due most of the time: look before asking for the write lock.
        if self.next_due().await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let lease = now.plus(LEASE).micros();
        let db = self.store.writer();
        let backend = db.get_database_backend();
        let skip = if backend == DbBackend::Postgres {
            "FOR UPDATE SKIP LOCKED"
        } else {
            ""
        };
        let text = format!(
            "UPDATE timers SET due = {lease}, attempts = attempts + 1 WHERE (kind, aggregate) IN \
             (SELECT kind, aggregate FROM timers WHERE due <= {} ORDER BY due LIMIT {most} {skip}) RETURNING kind, aggregate, attempts",
            now.micros()
        );
        let rows = db.query_all_raw(Statement::from_string(backend, text)).await?;
        rows.iter()
            .map(|row| {
                let attempts: i32 = row.try_get("", "attempts")?;
                let due = DueTimer {
                    aggregate: row.try_get("", "aggregate")?,
                    attempts: attempts.unsigned_abs() - 1,
                    lease,
                };
                Ok((row.try_get("", "kind")?, due))
            })
            .collect()
    }

    /// Removes a timer, unless its handler has set it anew.
    async fn finish(&self, kind: &str, due: DueTimer) -> Result<(), DbErr> {
        self.settle("DELETE FROM timers WHERE kind = $1 AND aggregate = $2 AND due = $3", kind, due)
            .await
    }

    async fn postpone(&self, kind: &str, due: DueTimer) -> Result<(), DbErr> {
        let backoff = Duration::from_millis(250)
            .saturating_mul(1 << due.attempts.min(12))
            .min(LONGEST_BACKOFF);
        let next = self.store.clock().now().plus(backoff).micros();
        self.settle(
            &format!("UPDATE timers SET due = {next} WHERE kind = $1 AND aggregate = $2 AND due = $3"),
            kind,
            due,
        )
        .await
    }

    async fn settle(&self, text: &str, kind: &str, due: DueTimer) -> Result<(), DbErr> {
        let _step = self.store.step();
        let db = self.store.writer();
        let values = [kind.into(), due.aggregate.into(), due.lease.into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values))
            .await
            .map(drop)
    }

    async fn next_due(&self) -> Result<Option<Time>, DbErr> {
        let db = self.store.db();
        let row = db
            .query_one_raw(Statement::from_string(
                db.get_database_backend(),
                "SELECT min(due) AS due FROM timers",
            ))
            .await?;
        Ok(row
            .map(|row| row.try_get::<Option<i64>>("", "due"))
            .transpose()?
            .flatten()
            .map(Time::from_micros))
    }

    async fn until_next(&self) -> Result<Duration, DbErr> {
        let now = self.store.clock().now();
        Ok(self.next_due().await?.map_or(POLL, |due| due.since(now).clamp(PAUSE, POLL)))
    }
}
