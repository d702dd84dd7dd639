//! Whether anything is under way on a connection: one on which nothing is shall not keep its slot from others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What came and what ended on one connection.
#[derive(Clone, Default)]
pub(super) struct Activity(Arc<Counts>);

#[derive(Default)]
struct Counts {
    began: AtomicU64,
    ended: AtomicU64,
}

/// A request, which is under way until this is dropped.
pub(super) struct UnderWay(Activity);

impl Activity {
    /// Begins with a request.
    pub(super) fn begin(&self) -> UnderWay {
        self.0.began.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }

    /// Waits until nothing was under way for so long. It looks once in that time rather than at each request, so it may find out as late again.
    pub(super) async fn none_for(&self, long: Duration) {
        let mut before = None;
        loop {
            // What ended is read first: a request that ends in between must not seem to be one that never began.
            let ended = self.0.ended.load(Ordering::Relaxed);
            let began = self.0.began.load(Ordering::Relaxed);
            let quiet = (began == ended).then_some(began);
            if quiet.is_some() && quiet == before {
                return;
            }
            before = quiet;
            tokio::time::sleep(long).await;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn nothing_is_under_way_once_all_has_ended_and_nothing_came_for_a_while() {
        let activity = Activity::default();
        let request = activity.begin();
        timeout(LONG * 100, activity.none_for(LONG))
            .await
            .expect_err("a request is under way");
        drop(request);
        let busy = async {
            for _ in 0..100 {
                drop(activity.begin());
                tokio::time::sleep(LONG / 2).await;
            }
        };
        timeout(LONG * 50, async { tokio::join!(busy, activity.none_for(LONG)) })
            .await
            .expect_err("requests come");
        let quiet = Instant::now();
        activity.none_for(LONG).await;
        assert_eq!(quiet.elapsed(), LONG);
    }
}
