//! Lanes: while one transaction commits, the updates that arrive wait together for the next.

use std::sync::Arc;

use kernel::Clock;
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::{mpsc, oneshot};

use crate::{
    Answer, Cause, Error, Keys, Wakers, Work,
    batch::{self, Broken, Committed},
    memory::Memory,
};

/// How many updates one transaction takes at most.
const BATCH: usize = 512;

/// How many updates may wait before those who bring more have to.
const QUEUE: usize = 4_096;

/// How many transactions in a row are carried out with locks at most before another try without.
const LONGEST_WAIT: u32 = 32;

/// The way into one lane.
pub(crate) struct Lane {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Lane {
    pub(crate) fn start(db: DatabaseConnection, clock: Arc<dyn Clock>, wakers: Arc<Wakers>) -> Self {
        let (queue, mut waiting) = mpsc::channel::<Box<dyn Job>>(QUEUE);
        tokio::spawn(async move {
            let mut jobs = Vec::with_capacity(BATCH);
            let (mut memory, mut trust) = (Memory::default(), Trust::default());
            while waiting.recv_many(&mut jobs, BATCH).await > 0 {
                if db.get_database_backend() == DbBackend::Postgres && trust.try_again() {
                    match batch::attempt(&db, clock.now(), &mut memory, &mut jobs).await {
                        Ok((committed, refused)) => {
                            trust.justified();
                            wakers.wake(&committed);
                            jobs = answer_all_but(&refused, jobs);
                        }
                        Err(broken) => {
                            trust.disappointed();
                            tracing::debug!(%broken, jobs = jobs.len(), "the batch is carried out with locks");
                        }
                    }
                }
                if !jobs.is_empty() {
                    wakers.wake(&carry_out(&db, clock.as_ref(), &mut memory, &mut jobs).await);
                    jobs.drain(..).for_each(|job| job.answer());
                }
            }
        });
        Self { queue }
    }

    /// How many updates wait for a transaction.
    pub(crate) fn queued(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    pub(crate) async fn send(&self, job: Box<dyn Job>) -> Result<(), mpsc::error::SendError<Box<dyn Job>>> {
        self.queue.send(job).await
    }
}

/// Those that refused are left: what they saw may not be so.
fn answer_all_but(refused: &[bool], jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
    let mut left = Vec::new();
    for (job, refused) in jobs.into_iter().zip(refused) {
        if *refused {
            left.push(job);
        } else {
            job.answer();
        }
    }
    left
}

/// Whether it is worth trying without locks. Where replicas often change the same rows it is not, and each disappointment makes the lane wait longer.
#[derive(Default)]
struct Trust {
    wait: u32,
    left: u32,
}

impl Trust {
    fn try_again(&mut self) -> bool {
        let again = self.left == 0;
        self.left = self.left.saturating_sub(1);
        again
    }

    fn justified(&mut self) {
        self.wait = 0;
    }

    fn disappointed(&mut self) {
        self.wait = (self.wait * 2).clamp(1, LONGEST_WAIT);
        self.left = self.wait;
    }
}

/// All together; if the database refuses, all together once more; then each alone, so that a poisonous one gets its own error and hurts nobody.
async fn carry_out(db: &DatabaseConnection, clock: &dyn Clock, memory: &mut Memory, jobs: &mut [Box<dyn Job>]) -> Committed {
    for _ in 0..2 {
        match batch::commit(db, clock.now(), memory, jobs).await {
            Ok(committed) => return committed,
            Err(broken) => tracing::debug!(%broken, jobs = jobs.len(), "the batch runs again"),
        }
    }
    let mut all = Committed::default();
    for job in jobs.chunks_mut(1) {
        match batch::commit(db, clock.now(), memory, job).await {
            Ok(committed) => {
                all.facts |= committed.facts;
                all.timers |= committed.timers;
            }
            Err(broken) => job[0].broken(broken),
        }
    }
    all
}

/// One update, whatever its types.
pub(crate) trait Job: Send {
    fn keys(&self) -> &Keys;
    fn cause(&self) -> &Cause;
    /// Runs the closure and keeps its changes in `work`; the encoded answer, or nothing when it refused.
    fn run(&mut self, work: &mut Work) -> Option<Vec<u8>>;
    /// The cause is known: this was the answer.
    fn repeat(&mut self, work: &Work, recorded: &[u8]);
    fn key_reused(&mut self);
    fn panicked(&mut self);
    fn broken(&mut self, why: Broken);
    /// Sends the outcome to whoever waits for it.
    fn answer(self: Box<Self>);
}

/// A closure with its types.
pub(crate) struct TypedJob<T, X, F, P> {
    cause: Cause,
    keys: Keys,
    traceparent: Option<String>,
    run: F,
    present: P,
    outcome: Result<T, Error<X>>,
    reply: oneshot::Sender<Result<T, Error<X>>>,
}

impl<T, X, F, P> TypedJob<T, X, F, P> {
    pub(crate) fn new(
        cause: Cause,
        keys: Keys,
        traceparent: Option<String>,
        run: F,
        present: P,
        reply: oneshot::Sender<Result<T, Error<X>>>,
    ) -> Self {
        Self {
            cause,
            keys,
            traceparent,
            run,
            present,
            outcome: Err(Error::Closed),
            reply,
        }
    }
}

impl<R, T, X, F, P> Job for TypedJob<T, X, F, P>
where
    R: Answer,
    T: Send,
    X: Send,
    F: Fn(&mut Work) -> Result<R, Error<X>> + Send,
    P: Fn(&Work, R) -> Result<T, Error<X>> + Send,
{
    fn keys(&self) -> &Keys {
        &self.keys
    }

    fn cause(&self) -> &Cause {
        &self.cause
    }

    fn run(&mut self, work: &mut Work) -> Option<Vec<u8>> {
        match (self.run)(work) {
            Ok(answer) => {
                work.keep(self.traceparent.as_deref());
                let encoded = answer.encode_to_vec();
                self.outcome = (self.present)(work, answer);
                Some(encoded)
            }
            Err(refusal) => {
                self.outcome = Err(refusal);
                None
            }
        }
    }

    fn repeat(&mut self, work: &Work, recorded: &[u8]) {
        let answer = R::decode(recorded).expect("what was recorded under this cause was encoded from the same message");
        self.outcome = (self.present)(work, answer);
    }

    fn key_reused(&mut self) {
        self.outcome = Err(Error::KeyReused);
    }

    fn panicked(&mut self) {
        self.outcome = Err(Error::Panicked);
    }

    fn broken(&mut self, why: Broken) {
        let moved = why.to_string();
        self.outcome = Err(match why {
            Broken::Database(error) => Error::Database(error),
            Broken::Moved => Error::Database(sea_orm::DbErr::Custom(moved)),
            Broken::Corrupt(reason) => Error::Corrupt(crate::Corrupt::new("a named row", reason)),
        });
    }

    fn answer(self: Box<Self>) {
        // Nobody waits any more when the caller's deadline has passed; the write stands all the same.
        let _ = self.reply.send(self.outcome);
    }
}
