//! Searches take turns: as many run at once as there are processors, and so many wait. Whoever comes then is told
//! to come again, instead of being answered when nobody listens any more.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many searches may wait for each that runs.
const WAITING: usize = 256;

/// Who may search now.
pub(crate) struct Turns {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Turns {
    /// Turns for this machine.
    pub(crate) fn new() -> Self {
        Self::of(std::thread::available_parallelism().map_or(1, usize::from), WAITING)
    }

    fn of(running: usize, waiting: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(running)),
            waiting: Semaphore::new(running * waiting),
        }
    }

    /// Waits for a turn, which ends when it is dropped; nothing when too many wait already. Whoever stops waiting gives up the place.
    pub(crate) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        let _place = self.waiting.try_acquire().ok()?;
        Arc::clone(&self.running).acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_runs_some_wait_and_who_comes_then_is_sent_away() {
        let turns = Turns::of(1, 2);
        let first = turns.take().await.unwrap();
        let mut waiting = [Box::pin(turns.take()), Box::pin(turns.take())];
        assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
        assert!(turns.take().await.is_none());

        let [mut second, third] = waiting;
        drop(third);
        let mut fourth = Box::pin(turns.take());
        assert!((&mut fourth).now_or_never().is_none(), "who went away left a place");
        drop(first);
        assert!((&mut second).await.is_some());
        assert!(fourth.await.is_some());
    }
}
