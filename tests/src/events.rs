//! Server-sent events that a test waits for.

use std::time::Duration;

use tokio::time::timeout;
use tradewind::client::{self, Client, Event};

/// How long an event, or the beginning, may let us wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// A stream of events; dropped, it is cut off.
pub struct Events(client::Events);

impl Events {
    /// Begins to read with a person's token, behind the last event that they had; from the start when that is empty.
    ///
    /// # Panics
    /// When the gateway refuses, or cannot for too long.
    pub async fn of(client: &Client, path: &str, last_event_id: &str) -> Self {
        let begun = timeout(PATIENCE, client.events(path, last_event_id)).await;
        Self(begun.expect("the stream begins").expect("the gateway lets us listen"))
    }

    /// The next event; nothing when the stream has broken off.
    ///
    /// # Panics
    /// When none comes for too long.
    pub async fn next(&mut self) -> Option<Event> {
        timeout(PATIENCE, self.0.next()).await.expect("another event comes")
    }

    /// The next messages.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        while events.len() < count {
            let event = self.next().await.expect("the stream goes on");
            assert_eq!(event.name, "message", "{event:?}");
            events.push(event);
        }
        events
    }
}
