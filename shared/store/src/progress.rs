//! What is under way with the database, and since when. A connection whose other end went away without a word, as in a failover, never
//! answers, and the system gives it up only after a quarter of an hour.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::ConnectionTrait;
use tokio::time::{Instant, sleep};

use crate::{Store, connect};

/// How soon the database is asked again after it refused.
const PAUSE: Duration = Duration::from_millis(50);

/// Every transaction of the lanes, shared read, and look of timers and relay that has begun and not ended.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    under_way: Arc<Mutex<UnderWay>>,
}

#[derive(Default)]
struct UnderWay {
    begun: u64,
    since: BTreeSet<(Instant, u64)>,
}

impl Progress {
    /// Under way until the answer is dropped.
    pub(crate) fn begin(&self) -> Step {
        let mut under_way = self.lock();
        under_way.begun += 1;
        let step = (Instant::now(), under_way.begun);
        under_way.since.insert(step);
        drop(under_way);
        Step {
            progress: self.clone(),
            step,
        }
    }

    /// Since when the oldest is under way.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.lock().since.first().map(|(since, _)| *since)
    }

    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Waits until something has been under way for longer than this although the
    /// database answers on a new connection: one of ours has fallen silent.
    pub async fn falls_silent(&self, patience: Duration) {
        let pause = patience / 4;
        let readers = async {
            loop {
                let step = self.step();
                while self.db().execute_unprepared("SELECT 1").await.is_err() {
                    sleep(PAUSE).await;
                }
                drop(step);
                sleep(pause).await;
            }
        };
        let silence = async {
            loop {
                sleep(pause).await;
                let oldest = self.inner.progress.oldest();
                if oldest.is_some_and(|since| since.elapsed() > patience) && connect::answers(&self.inner.url).await {
                    // After an outage, others connect again within moments.
                    sleep(patience / 2).await;
                    if self.inner.progress.oldest() == oldest {
                        return;
                    }
                }
            }
        };
        tokio::select! {
            () = readers => {}
            () = silence => {}
        }
    }

    /// Marks something as under way with the database until the answer is dropped.
    pub(crate) fn step(&self) -> Step {
        self.inner.progress.begin()
    }
}

/// Something under way.
pub(crate) struct Step {
    progress: Progress,
    step: (Instant, u64),
}

impl Drop for Step {
    fn drop(&mut self) {
        self.progress.lock().since.remove(&self.step);
    }
}
