//! How the process learns what is revoked: it follows identity's events. It begins with those of one token's life, so nothing has to be
//! kept from one start to the next, and does so again whenever the broker was away.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use events::{Begin, Bus, Error, Follower};
use kernel::Clock;
use runtime::Settings;
use tokio::time::{Instant, sleep, timeout};

use super::Revocations;

/// How often the connection is looked at, and how soon it is tried again.
const LOOK: Duration = Duration::from_millis(500);

/// How long what is revoked is gathered before the streams that are open look at it.
const GATHER: Duration = Duration::from_millis(50);

/// How often what is over is forgotten.
const SWEEP: Duration = Duration::from_secs(10);

/// What the log says until the broker answers for the first time.
const UNKNOWN: &str = "no token is believed until it is known which were revoked";

/// How much the clocks of two machines may differ.
const CLOCKS: Duration = Duration::from_secs(60);

impl Revocations {
    /// Follows what identity tells, for as long as it is polled. While the broker is away, what is known holds and nothing new is heard.
    pub async fn follow(self, settings: Settings, clock: Arc<dyn Clock>) {
        let life = Duration::from_secs(settings.access_token_s).saturating_add(CLOCKS);
        let bus = loop {
            match Bus::connect(settings.nats.reveal()).await {
                Ok(bus) => break bus.with_replicas(settings.nats_replicas),
                Err(error) => tracing::warn!(%error, "{UNKNOWN}"),
            }
            sleep(LOOK).await;
        };
        loop {
            let followed = match bus.follow("identity", Begin::Time(clock.now().minus(life))).await {
                Ok(follower) => self.until_broken(&bus, follower, life, &*clock).await,
                Err(error) => Err(error),
            };
            if let Err(error) = followed {
                self.followed(false, &error.to_string());
                if !self.is_complete() {
                    tracing::warn!(%error, "{UNKNOWN}");
                }
            }
            sleep(LOOK).await;
        }
    }

    async fn until_broken(&self, bus: &Bus, mut follower: Follower, life: Duration, clock: &dyn Clock) -> Result<(), Error> {
        let mut sweep = Instant::now();
        loop {
            if follower.has_caught_up() {
                if !self.is_complete() {
                    self.tell();
                }
                self.followed(bus.is_connected(), "the connection is lost");
            }
            if Instant::now() >= sweep {
                self.forget(clock.now());
                sweep = Instant::now() + SWEEP;
            }
            let Ok(events) = timeout(LOOK, follower.next()).await else {
                continue;
            };
            self.hear(events?.iter().map(|(_, event)| event), life);
            if follower.has_caught_up() {
                self.tell();
                sleep(GATHER).await;
            }
        }
    }

    /// Notes whether we follow, and says so when that is news.
    fn followed(&self, now: bool, why_not: &str) {
        match (self.inner.followed.swap(now, Ordering::Relaxed), now) {
            (false, true) => tracing::info!("it is known which tokens were revoked"),
            (true, false) => tracing::warn!(why_not, "what is revoked from now on is heard when the broker is back"),
            (true, true) | (false, false) => {}
        }
    }
}
