//! Lanes: while one transaction commits, the updates that arrive wait together for the next.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use kernel::Clock;
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::mpsc;

use crate::{Wakers, batch, broken::Broken, job::Job, memory::Memory, progress::Progress};

/// How many updates one transaction takes at most.
const BATCH: usize = 512;

/// How often whoever is ready to bring one more has a turn before a transaction begins. Four turns are nothing beside a transaction, and
/// take a fifth of PostgreSQL's work off a checkout when 64 buyers are at it.
const TURNS: u32 = 4;

/// How many updates may wait before those who bring more have to.
const QUEUE: usize = 4_096;

/// How often an update is tried alone while others change the same rows first.
const TRIES_ALONE: u32 = 5;

/// How many transactions in a row are carried out with locks at most before another try without.
const LONGEST_PAUSE: u32 = 32;

/// The way into one lane.
pub(crate) struct Lane {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Lane {
    pub(crate) fn start(db: DatabaseConnection, clock: Arc<dyn Clock>, wakers: Arc<Wakers>, progress: Progress) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let runner = Runner {
            db,
            clock,
            wakers,
            progress,
            memory: Memory::default(),
            trust: Trust::default(),
        };
        tokio::spawn(runner.run(waiting));
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

/// Carries a lane's updates out, one transaction after the other.
struct Runner {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
    wakers: Arc<Wakers>,
    progress: Progress,
    memory: Memory,
    trust: Trust,
}

impl Runner {
    /// Runs until the store is dropped.
    async fn run(mut self, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
        let postgres = self.db.get_database_backend() == DbBackend::Postgres;
        let mut jobs = Vec::with_capacity(BATCH);
        while gather(&mut waiting, &mut jobs).await {
            if postgres && self.trust.has_a_try() {
                self.attempt(&mut jobs).await;
            }
            if !jobs.is_empty() {
                self.carry_out(&mut jobs).await;
            }
        }
    }

    /// Tries without locks, and answers the jobs that succeeded. Those that refused are left, because what they saw may not be so.
    async fn attempt(&mut self, jobs: &mut Vec<Box<dyn Job>>) {
        let _step = self.progress.begin();
        match caught(batch::attempt(&self.db, self.clock.now(), &mut self.memory, jobs)).await {
            Ok((committed, refused)) => {
                self.trust.justified();
                self.wakers.wake(&committed);
                let mut refused = refused.into_iter();
                let succeeded = jobs.extract_if(.., |_| refused.next() == Some(false));
                succeeded.for_each(|job| job.answer());
            }
            Err(broken) => {
                self.trust.disappointed();
                tracing::debug!(%broken, jobs = jobs.len(), "the batch is carried out with locks");
            }
        }
    }

    /// All together; if the database refuses, all together once more; then each
    /// alone, so that a poisonous one gets its own error and hurts nobody.
    async fn carry_out(&mut self, jobs: &mut Vec<Box<dyn Job>>) {
        for _ in 0..2 {
            match self.commit(jobs).await {
                Ok(()) => return jobs.drain(..).for_each(|job| job.answer()),
                Err(broken) => tracing::debug!(%broken, jobs = jobs.len(), "the batch runs again"),
            }
        }
        for mut job in jobs.drain(..) {
            if let Err(broken) = self.commit_alone(&mut job).await {
                job.broken(broken);
            }
            job.answer();
        }
    }

    /// One job, again while others are in its way.
    async fn commit_alone(&mut self, job: &mut Box<dyn Job>) -> Result<(), Broken> {
        let mut tries = 1;
        loop {
            match self.commit(std::slice::from_mut(job)).await {
                Err(broken) if broken.is_contention() && tries < TRIES_ALONE => tries += 1,
                outcome => return outcome,
            }
        }
    }

    async fn commit(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Broken> {
        let _step = self.progress.begin();
        let committed = caught(batch::commit(&self.db, self.clock.now(), &mut self.memory, jobs)).await?;
        self.wakers.wake(&committed);
        Ok(())
    }
}

/// Waits for the next updates, up to a batch; whether there are any.
async fn gather<T>(waiting: &mut mpsc::Receiver<T>, batch: &mut Vec<T>) -> bool {
    let some = waiting.recv_many(batch, BATCH).await > 0;
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    while batch.len() < BATCH
        && let Ok(one) = waiting.try_recv()
    {
        batch.push(one);
    }
    some
}

/// Closures are watched one by one. What panics elsewhere, such as a row
/// that cannot be made, ends its transaction and must not end the lane.
async fn caught<T>(transaction: impl Future<Output = Result<T, Broken>>) -> Result<T, Broken> {
    let outcome = AssertUnwindSafe(transaction).catch_unwind().await;
    outcome.unwrap_or(Err(Broken::Panicked))
}

/// Whether it is worth trying without locks. Where others often change the same rows it is not, so after each try in vain the lane uses
/// locks for twice as many transactions as before.
#[derive(Default)]
struct Trust {
    /// How many transactions used locks, or are to, since the last try in vain.
    pause: u32,
    /// How many of them are still to come.
    left: u32,
}

impl Trust {
    /// Counts a transaction, and says whether it is to be tried without locks.
    fn has_a_try(&mut self) -> bool {
        let due = self.left == 0;
        self.left = self.left.saturating_sub(1);
        due
    }

    fn justified(&mut self) {
        self.pause = 0;
    }

    fn disappointed(&mut self) {
        self.pause = (self.pause * 2).clamp(1, LONGEST_PAUSE);
        self.left = self.pause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_ready_when_a_batch_begins_is_part_of_it() {
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        queue.send(0).await.unwrap();
        let other = queue.clone();
        tokio::spawn(async move { other.send(1).await });
        let mut batch = Vec::new();
        assert!(gather(&mut waiting, &mut batch).await);
        assert_eq!(batch, [0, 1]);
    }

    #[tokio::test]
    async fn a_batch_has_an_end_and_so_has_a_lane() {
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        for number in 0..=BATCH {
            queue.send(number).await.unwrap();
        }
        drop(queue);
        for size in [BATCH, 1] {
            let mut batch = Vec::new();
            assert!(gather(&mut waiting, &mut batch).await);
            assert_eq!(batch.len(), size);
        }
        assert!(!gather(&mut waiting, &mut Vec::new()).await);
    }

    fn with_locks(trust: &mut Trust) -> usize {
        std::iter::repeat_with(|| trust.has_a_try()).take_while(|tries| !tries).count()
    }

    #[test]
    fn each_try_in_vain_doubles_the_pause_until_one_succeeds() {
        let mut trust = Trust::default();
        assert_eq!(with_locks(&mut trust), 0);
        for pause in [1, 2, 4, 8, 16, 32, 32] {
            trust.disappointed();
            assert_eq!(with_locks(&mut trust), pause);
        }
        trust.justified();
        assert_eq!(with_locks(&mut trust), 0);
        trust.disappointed();
        assert_eq!(with_locks(&mut trust), 1);
    }
}
