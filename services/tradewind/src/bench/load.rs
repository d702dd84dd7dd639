//! What a run of many workers came to.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::future::try_join_all;

/// How long the workers run before it counts.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long each thing took, and for how long things were done.
pub(crate) struct Load {
    /// Sorted.
    took: Vec<Duration>,
    over: Duration,
    /// How many things were done, those included that do not count.
    in_all: usize,
}

impl Load {
    /// How many things were done, warming up included: among so many is shared what was spent from the beginning to the end.
    pub(crate) fn in_all(&self) -> f64 {
        self.in_all.max(1) as f64
    }

    /// Of the processor time that each process had spent before and after, what one thing cost, in seconds.
    pub(crate) fn cpu_s_each(&self, before: &BTreeMap<String, f64>, after: BTreeMap<String, f64>) -> BTreeMap<String, f64> {
        let share = |(process, after): (String, f64)| {
            let spent = after - before.get(&process).unwrap_or(&0.0);
            (process, spent / self.in_all())
        };
        after.into_iter().map(share).collect()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.over.as_secs_f64()
    }

    pub(crate) fn percentile_ms(&self, share: f64) -> f64 {
        let last = self.took.len().saturating_sub(1);
        self.took
            .get((last as f64 * share) as usize)
            .map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    }
}

/// The time that counts in a run.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) counts_from: Instant,
    pub(crate) until: Instant,
}

impl Clock {
    pub(crate) fn start(time: Duration) -> Self {
        let counts_from = Instant::now() + WARM_UP;
        Self {
            counts_from,
            until: counts_from + time,
        }
    }

    pub(crate) fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }
}

/// Runs workers side by side until the clock ends; each returns when its things ended and how long they took.
pub(crate) async fn gather<F>(clock: Clock, workers: impl IntoIterator<Item = F>) -> Result<Load>
where
    F: Future<Output = Result<Vec<(Instant, Duration)>>> + Send + 'static,
{
    let running: Vec<_> = workers.into_iter().map(tokio::spawn).collect();
    let mut took = Vec::new();
    let mut in_all = 0;
    for done in try_join_all(running).await? {
        let done = done?;
        in_all += done.len();
        took.extend(
            done.into_iter()
                .filter(|(ended, _)| (clock.counts_from..clock.until).contains(ended))
                .map(|(_, took)| took),
        );
    }
    took.sort_unstable();
    Ok(Load {
        took,
        over: clock.until - clock.counts_from,
        in_all,
    })
}
