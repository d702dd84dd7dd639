//! The one way to write.
//!
//! Every change in every service goes through one door, [`Store::update`] (one aggregate) or [`Store::execute`] (several), and the
//! door shares commits: while one transaction commits, the updates that arrive wait together, and the next transaction takes them all.
//!
//! ```text
//! update(cause, id, closure) ─┐
//! update(cause, id, closure) ─┼─> lane ─> one transaction: lock rows -> known causes -> closures -> changed rows, causes, outbox, timers
//! execute(cause, keys, ..)   ─┘                                      commit, then everyone has an answer
//! ```
//!
//! On PostgreSQL a lane first tries without locks: it takes rows as it remembers them and causes as new, and writes everything in one
//! statement, which fails when one of them has changed. Only what fails, or what a closure refuses, goes the way above. That works because
//! of a rule: whoever changes a row, a migration too, raises its `version`.
//!
//! - [`Cause`] names why a write happens; a known cause gets its recorded answer and never reaches the domain again.
//! - [`Store::execute_prepared`] reads what a closure needs to know beforehand, and again when that has changed.
//! - [`Aggregate`] ties a domain type to its row; [`Work`] is what a closure sees of them.
//! - [`Document`] is a part of an aggregate that no query asks for, kept as JSON.
//! - [`Fact`] is an event on its way to the outbox; [`Outbox`] is what the relay reads.
//! - [`Timer`] is a durable deadline; [`Timers`] runs those that are due.
//! - [`Store::get`] reads one aggregate, and shares its query with those who read others at the same time; [`page`] reads lists page by page.
//! - [`DeadLetters`] keeps the messages that kept failing; [`Desk`] is where operators look at them.
//!
//! The same code runs on SQLite (one lane, one writer) and PostgreSQL (several lanes).

mod aggregate;
mod appends;
mod batch;
mod broken;
mod bulk;
mod cause;
mod connect;
mod dead_letters;
mod document;
mod error;
mod fact;
mod job;
mod lane;
mod memory;
mod migrations;
mod outbox;
mod page;
mod prepared;
mod progress;
mod reads;
mod rows;
pub mod schema;
mod shelf;
mod sweep;
mod timers;
mod work;
mod writes;

use std::{convert::Infallible, sync::Arc, time::Duration};

use kernel::Clock;
use runtime::{Start, is_validating, telemetry};
use sea_orm::{DatabaseConnection, DbErr, Select};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

pub use crate::{
    aggregate::{Aggregate, Corrupt, Stored, parse},
    cause::Cause,
    dead_letters::{DeadLetter, DeadLetters, Desk, Letter, Listed, Purged},
    document::Document,
    error::{Error, is_passing, unread},
    fact::Fact,
    outbox::{Outbox, OutboxRow, SHARDS},
    page::{latest_first, newest_first},
    sweep::KEEP_EVENTS,
    timers::{DueTimer, Timer, Timers, TimersWaiting},
    work::{Answer, Keys, Work},
};
use crate::{batch::Committed, connect::Pools, job::TypedJob, lane::Lane, progress::Progress, reads::Reads, sweep::Forgotten};

/// How to open a store.
#[derive(Clone)]
pub struct Options {
    /// The only source of time.
    pub clock: Arc<dyn Clock>,
    /// How many transactions may commit side by side on PostgreSQL; SQLite always has one.
    pub lanes: usize,
    /// Connections for reading.
    pub readers: u32,
    /// The W3C traceparent of whoever is writing, to be carried across the outbox.
    pub traceparent: fn() -> Option<String>,
    /// Whose rows go some time after the moment that a column of theirs tells.
    pub(crate) forgotten: Vec<Forgotten>,
}

impl Options {
    /// One lane, eight readers, no traces.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            lanes: 1,
            readers: 8,
            traceparent: || None,
            forgotten: Vec::new(),
        }
    }

    /// Rows of this table are deleted so long after the moment in this column, which
    /// has an index. They have an `id`, and nobody asks for them any more.
    #[must_use]
    pub fn forgetting(mut self, table: &'static str, column: &'static str, keep: Duration) -> Self {
        self.forgotten.push(Forgotten { table, column, keep });
        self
    }

    /// As a service is told to: its clock and its lanes, eight readers, and the trace of the request that is being served.
    pub fn of<C>(start: &Start<C>) -> Self {
        Self {
            lanes: start.settings.lanes,
            traceparent: telemetry::traceparent,
            ..Self::new(Arc::clone(&start.clock))
        }
    }
}

/// A service's database and the door to it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    pools: Pools,
    lanes: Vec<Lane>,
    clock: Arc<dyn Clock>,
    reads: Reads,
    progress: Progress,
    traceparent: fn() -> Option<String>,
    wakers: Arc<Wakers>,
    forgotten: Vec<Forgotten>,
}

/// Who wants to know of a commit.
#[derive(Default)]
pub(crate) struct Wakers {
    /// Rows were added to the outbox.
    pub(crate) outbox: Notify,
    /// A timer was scheduled.
    pub(crate) timers: Notify,
}

impl Wakers {
    fn wake(&self, committed: &Committed) {
        if committed.facts {
            self.outbox.notify_one();
        }
        if committed.timers {
            self.timers.notify_one();
        }
    }
}

impl Store {
    /// Connects to `sqlite:` or `postgres:` and migrates: first the store's own tables, then those of the service (`M`).
    /// Several replicas may start at once.
    ///
    /// # Errors
    /// A database that cannot be had, or a migration that fails.
    pub async fn open<M: MigratorTrait>(url: &str, options: Options) -> Result<Self, runtime::Error> {
        let failed = |error: DbErr| runtime::Error::Database(error.to_string());
        connect::migrate::<M>(url).await.map_err(failed)?;
        let pools = Pools::connect(url, options.lanes, options.readers).await.map_err(failed)?;
        let wakers = Arc::new(Wakers::default());
        let progress = Progress::default();
        let lanes = pools.lanes.iter();
        let lanes = lanes.map(|db| Lane::start(db.clone(), Arc::clone(&options.clock), Arc::clone(&wakers), progress.clone()));
        let lanes = lanes.collect();
        Ok(Self {
            inner: Arc::new(Inner {
                url: url.to_owned(),
                pools,
                lanes,
                clock: options.clock,
                reads: Reads::new(progress.clone()),
                progress,
                traceparent: options.traceparent,
                wakers,
                forgotten: options.forgotten,
            }),
        })
    }

    /// Changes one aggregate. The closure is pure and may run more than once; a refusal leaves no trace.
    ///
    /// A known cause does not run the closure again: it answers with the aggregate as it now stands (AIP-155, stale success).
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such row, [`Error::Refused`] with what the closure said,
    /// [`Error::KeyReused`] when the cause's key was used for another request.
    pub async fn update<A, X, F>(&self, cause: Cause, id: A::Id, change: F) -> Result<Stored<A>, Error<X>>
    where
        A: Aggregate,
        X: Send + 'static,
        F: Fn(&mut A) -> Result<(), X> + Send + Sync + 'static,
    {
        let run = move |work: &mut Work| {
            let aggregate = work.change::<A>(id).ok_or(Error::NotFound(A::KIND))?;
            change(aggregate).map_err(Error::Refused)
        };
        self.submit(cause, Keys::new().one::<A>(id), run, move |work, ()| {
            work.get::<A>(id).cloned().ok_or(Error::NotFound(A::KIND))
        })
        .await
    }

    /// Changes several aggregates, adds new ones, appends rows. The answer is recorded with the cause and comes again when the cause does.
    ///
    /// # Errors
    /// As [`Store::update`]; every aggregate that the closure names must be in `keys`.
    pub async fn execute<R, X, F>(&self, cause: Cause, keys: Keys, run: F) -> Result<R, Error<X>>
    where
        R: Answer,
        X: Send + 'static,
        F: Fn(&mut Work) -> Result<R, X> + Send + Sync + 'static,
    {
        self.submit(cause, keys, move |work| run(work).map_err(Error::Refused), |_, answer| Ok(answer))
            .await
    }

    /// The answer that a write left under this cause, if it was carried out before. Whoever refuses a request because of what they read
    /// beforehand asks first, so that a repeated request hears what it heard the first time, whatever has changed since.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the cause's key was used for another request.
    pub async fn recorded<R: Answer>(&self, cause: Cause) -> Result<Option<R>, Error<Infallible>> {
        if is_validating() {
            return Ok(None);
        }
        let unknown = |_: &mut Work| Err(Error::NotFound("answer"));
        match self.submit(cause, Keys::new(), unknown, |_, answer| Ok(answer)).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn submit<R, T, X, F, P>(&self, cause: Cause, keys: Keys, run: F, present: P) -> Result<T, Error<X>>
    where
        R: Answer,
        T: Send + 'static,
        X: Send + 'static,
        F: Fn(&mut Work) -> Result<R, Error<X>> + Send + Sync + 'static,
        P: Fn(&Work, R) -> Result<T, Error<X>> + Send + Sync + 'static,
    {
        if is_validating() {
            return Err(Error::Validating);
        }
        let (reply, answer) = oneshot::channel();
        let lane = self.lane_of(&keys);
        let job = TypedJob::new(cause, keys, (self.inner.traceparent)(), run, present, reply);
        lane.send(Box::new(job)).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    fn lane_of(&self, keys: &Keys) -> &Lane {
        let lanes = &self.inner.lanes;
        &lanes[keys.spread() % lanes.len()]
    }

    /// Reads one aggregate without a lock, as it is now or a moment later.
    pub async fn get<A: Aggregate>(&self, id: A::Id) -> Result<Option<Stored<A>>, Error<Infallible>> {
        match self.inner.reads.ask::<A>(self.db(), id.into()).await {
            Ok(found) => Ok(found),
            // The query that was shared failed. Whoever asks alone hears of what they asked for.
            Err(_) => Ok(self.get_all([id]).await?.pop()),
        }
    }

    /// Reads many aggregates at once, in no particular order; missing ones are left out.
    pub async fn get_all<A: Aggregate>(&self, ids: impl IntoIterator<Item = A::Id>) -> Result<Vec<Stored<A>>, Error<Infallible>> {
        let ids: Vec<Uuid> = ids.into_iter().map(Into::into).collect();
        let rows = bulk::load::<A::Entity>(&self.db().into(), &ids, false).await?;
        Ok(rows.into_iter().map(A::from_row).collect::<Result<_, _>>()?)
    }

    /// Reads the aggregates that a query selects, in its order.
    pub async fn select<A: Aggregate>(&self, query: Select<A::Entity>) -> Result<Vec<Stored<A>>, Error<Infallible>> {
        let rows = query.all(self.db()).await?;
        Ok(rows.into_iter().map(A::from_row).collect::<Result<_, _>>()?)
    }

    /// The pool for reading.
    pub fn db(&self) -> &DatabaseConnection {
        &self.inner.pools.read
    }

    /// The only source of time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// How many updates wait for the next transactions.
    pub fn queued(&self) -> usize {
        self.inner.lanes.iter().map(Lane::queued).sum()
    }

    /// What the relay reads and marks.
    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.clone())
    }

    /// The messages that a consumer of this service could not digest.
    pub fn dead_letters(&self, consumer: &'static str) -> DeadLetters {
        DeadLetters::new(self.clone(), consumer)
    }

    /// The dead letters of all consumers, for operators.
    pub fn desk(&self) -> Desk {
        Desk::new(self.clone())
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.pools.write
    }

    pub(crate) fn relay(&self) -> &DatabaseConnection {
        &self.inner.pools.relay
    }

    pub(crate) fn wakers(&self) -> &Wakers {
        &self.inner.wakers
    }
}
