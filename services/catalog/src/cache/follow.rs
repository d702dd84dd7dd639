//! How other replicas' changes reach this process: it follows the service's own events.

use std::{sync::atomic::Ordering, time::Duration};

use events::{Begin, Bus, Event, Follower};
use kernel::{CategoryId, ProductId, StoreId};

use super::Cache;

/// How often the connection is looked at.
const LOOK: Duration = Duration::from_millis(500);

impl Cache {
    /// Follows the service's events for as long as the process runs.
    pub(crate) async fn follow(self, bus: Bus) {
        loop {
            match bus.follow("catalog", Begin::Now).await {
                Ok(follower) => self.follow_until_broken(&bus, follower).await,
                Err(error) => tracing::warn!(%error, "the catalog's own events cannot be followed"),
            }
            self.inner.followed.store(false, Ordering::Relaxed);
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn follow_until_broken(&self, bus: &Bus, mut follower: Follower) {
        // Whatever changed before we began to follow was not heard.
        self.forget();
        loop {
            self.inner.followed.store(bus.is_connected(), Ordering::Relaxed);
            match tokio::time::timeout(LOOK, follower.next()).await {
                Ok(Ok(events)) => events.iter().for_each(|(_, event)| self.hear(event)),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the catalog's own events are followed anew");
                    return;
                }
                Err(_) => {}
            }
        }
    }

    fn hear(&self, event: &Event) {
        if event.subject.starts_with("catalog.v1.product_") {
            self.product_changed(ProductId::from_uuid(event.aggregate), event.version);
        } else if event.subject.starts_with("catalog.v1.store_") {
            self.shop_changed(StoreId::from_uuid(event.aggregate), event.version);
        } else if event.subject.starts_with("catalog.v1.category_") {
            self.category_changed(CategoryId::from_uuid(event.aggregate), event.version);
        }
    }
}
