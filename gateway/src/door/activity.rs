//! Whether anything goes on on a connection: one on which nothing does shall not keep its slot from others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What went on on one connection.
#[derive(Clone, Default)]
pub(super) struct Activity(Arc<Counts>);

#[derive(Default)]
struct Counts {
    began: AtomicU64,
    ended: AtomicU64,
    /// Parts of answers that the client took.
    taken: AtomicU64,
}

/// A request, which is being carried out until this is dropped.
pub(super) struct UnderWay(Activity);

impl Activity {
    /// Begins with a request.
    pub(super) fn begin(&self) -> UnderWay {
        self.0.began.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }

    /// A part of an answer was taken.
    pub(super) fn take(&self) {
        self.0.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until for so long no request was being carried out and nothing of an answer was taken. It looks once in that time rather than
    /// at every event, so it may find out as late again.
    pub(super) async fn none_for(&self, long: Duration) {
        let mut before = None;
        loop {
            // What ended is read first: a request that ends in between must not seem to be one that never began.
            let ended = self.0.ended.load(Ordering::Relaxed);
            let began = self.0.began.load(Ordering::Relaxed);
            let quiet = (began == ended).then(|| (began, self.0.taken.load(Ordering::Relaxed)));
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
        for answers in [false, true] {
            let busy = async {
                for _ in 0..100 {
                    if answers {
                        activity.take();
                    } else {
                        drop(activity.begin());
                    }
                    tokio::time::sleep(LONG / 2).await;
                }
            };
            tokio::select! {
                () = activity.none_for(LONG) => panic!("requests come, or answers are taken: {answers}"),
                () = busy => {}
            }
        }
        let quiet = Instant::now();
        activity.none_for(LONG).await;
        assert_eq!(quiet.elapsed(), LONG);
    }
}
