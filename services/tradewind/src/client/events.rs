//! Server-sent events, read as they come (WHATWG HTML, section 9.2).

use std::time::Duration;

use reqwest::header::ACCEPT;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Client, Error, PATIENCE, Problem, problem::passes};

/// A stream may go on for as long as it likes.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// A stream of events; dropped, it is cut off.
pub struct Events {
    answer: reqwest::Response,
    /// What came and was not read yet.
    bytes: Vec<u8>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What a later request names as its Last-Event-ID.
    pub id: String,
    /// `message` unless the event says otherwise.
    pub name: String,
    /// The message: JSON, or a text if it is none.
    pub data: Value,
}

impl Client {
    /// Begins to listen behind the last event that was heard, or from the start when
    /// that is empty; again while the gateway says that it cannot be now.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn events(&self, path: &str, last_event_id: &str) -> Result<Events, Error> {
        let started = Instant::now();
        loop {
            let mut request = self
                .http
                .get(format!("{}{path}", self.base))
                .timeout(FOR_EVER)
                .header(ACCEPT, "text/event-stream");
            if let Some(token) = &self.token {
                request = request.bearer_auth(token);
            }
            if !last_event_id.is_empty() {
                request = request.header("last-event-id", last_event_id);
            }
            let answer = request.send().await.map_err(silent)?;
            let status = answer.status();
            if status.is_success() {
                let bytes = Vec::new();
                return Ok(Events { answer, bytes });
            }
            if !passes(status) || started.elapsed() > PATIENCE {
                let told = answer.text().await.map_err(silent)?;
                let told = serde_json::from_str(&told).unwrap_or(Value::String(told));
                return Err(Error::Problem(Problem::read(status, &told)));
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Events {
    /// The next event; nothing when the stream has broken off.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                if let Some(event) = read(&String::from_utf8_lossy(&block)) {
                    return Some(event);
                }
            }
            self.bytes.extend_from_slice(&self.answer.chunk().await.ok().flatten()?);
        }
    }
}

/// A block of lines; nothing when it has no data, as a heartbeat has none.
fn read(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let data = field("data")?;
    Some(Event {
        id: field("id").unwrap_or_default().to_owned(),
        name: field("event").unwrap_or("message").to_owned(),
        data: serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned())),
    })
}

fn silent(error: reqwest::Error) -> Error {
    Error::Silent(error.to_string())
}
