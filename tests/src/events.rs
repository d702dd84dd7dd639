//! Server-sent events, read as they come (WHATWG HTML, section 9.2).

use std::time::Duration;

use serde_json::Value;
use tradewind::client::Client;

/// How long an event, or the beginning, may let us wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// A stream of events; dropped, it is cut off.
pub struct Events {
    answer: reqwest::Response,
    text: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What a later request names as its Last-Event-ID.
    pub id: String,
    /// `message` unless the event says otherwise.
    pub name: String,
    /// The message.
    pub data: Value,
}

impl Events {
    /// Begins to read with a person's token, behind the last event that they had; from the start when that is empty. Comes again while the gateway says
    /// that it cannot be now, as any reader of events does.
    ///
    /// # Panics
    /// When the gateway refuses, or cannot for too long.
    pub async fn of(url: &str, path: &str, client: &Client, last_event_id: &str) -> Self {
        let asking = async {
            loop {
                let mut request = reqwest::Client::new()
                    .get(format!("{url}{path}"))
                    .bearer_auth(client.token().unwrap())
                    .header("accept", "text/event-stream");
                if !last_event_id.is_empty() {
                    request = request.header("last-event-id", last_event_id);
                }
                let answer = request.send().await.unwrap();
                if answer.status() != 503 {
                    break answer;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let answer = tokio::time::timeout(PATIENCE, asking).await.expect("the stream begins");
        assert_eq!(answer.status(), 200, "{path}");
        Self {
            answer,
            text: String::new(),
        }
    }

    /// The next event; nothing when the stream has broken off.
    ///
    /// # Panics
    /// When none comes for too long.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(event) = read(&block) {
                    return Some(event);
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await;
            let chunk = chunk.expect("another event comes").ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
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

/// A block of lines; nothing when it has no data, as a heartbeat has none.
fn read(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some(Event {
        id: field("id").unwrap_or_default().to_owned(),
        name: field("event").unwrap_or("message").to_owned(),
        data: serde_json::from_str(field("data")?).unwrap(),
    })
}
