//! What happens to an event once it is here: it goes to its handler, again if that fails, and to the dead letters if it keeps failing.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::{AckKind, Message};
use futures::{FutureExt, future::BoxFuture};
use store::DeadLetters;
use tracing::{Instrument, Span};

use crate::{Event, Failure};

/// How often an event is tried before it is a dead letter.
const TRIES: u32 = 5;

type Handler = Arc<dyn Fn(Event) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// What happens to events once they are here.
pub(crate) struct Dispatcher {
    handlers: HashMap<&'static str, Handler>,
    /// The dead letters of this consumer.
    pub(crate) letters: DeadLetters,
    /// How many dead letters there are: as long as there are none, nobody looks for them.
    waiting: AtomicU64,
}

impl Dispatcher {
    pub(crate) fn new(letters: DeadLetters) -> Self {
        Self {
            handlers: HashMap::new(),
            letters,
            waiting: AtomicU64::new(0),
        }
    }

    /// What to do about events on this subject.
    pub(crate) fn on(&mut self, subject: &'static str, handler: Handler) {
        self.handlers.insert(subject, handler);
    }

    /// The subjects that somebody handles.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &'static str> {
        self.handlers.keys().copied()
    }

    /// Whether somebody handles it.
    pub(crate) fn handles(&self, event: &Event) -> bool {
        self.handlers.contains_key(event.subject.as_str())
    }

    /// Returns once the event is digested or a dead letter.
    pub(crate) async fn settle(&self, message: &Message, event: Event) {
        let (mut tries, mut failures) = (0, 0);
        loop {
            let failure = match self.queue_up(&event).await {
                Ok(true) => return,
                Ok(false) => match self.handle(event.clone()).await {
                    Ok(()) => return,
                    Err(failure) => {
                        tracing::warn!(subject = event.subject, aggregate = %event.aggregate, %failure, failures, "an event was not digested");
                        failure
                    }
                },
                Err(error) => Failure::passing(error),
            };
            failures += u32::from(!failure.passing);
            if failures >= TRIES {
                match self.letters.put(event.clone().into_letter(), &failure.to_string(), failures).await {
                    Ok(()) => {
                        self.waiting.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    Err(error) => tracing::warn!(%error, "a dead letter could not be put away"),
                }
            }
            // We are at it: the broker shall not give it to somebody else.
            let _ = message.ack_with(AckKind::Progress).await;
            tries += 1;
            tokio::time::sleep(pause(tries, failure.passing)).await;
        }
    }

    /// Hands an event to its handler, in a span of its own; one that nobody handles is digested.
    pub(crate) async fn handle(&self, event: Event) -> Result<(), Failure> {
        let Some(handler) = self.handlers.get(event.subject.as_str()) else {
            return Ok(());
        };
        let span = span(&event);
        let handled = AssertUnwindSafe(handler(event)).catch_unwind().instrument(span).await;
        handled.unwrap_or_else(|_| Err(Failure::new("the handler panicked")))
    }

    /// Whether the event was put away behind a dead letter of its aggregate.
    async fn queue_up(&self, event: &Event) -> Result<bool, sea_orm::DbErr> {
        if self.waiting.load(Ordering::Relaxed) == 0 || !self.letters.holds(event.aggregate).await? {
            return Ok(false);
        }
        let queued = self.letters.put_behind(event.clone().into_letter()).await?;
        self.waiting.fetch_add(u64::from(queued), Ordering::Relaxed);
        Ok(queued)
    }

    /// Looks up how many dead letters there are.
    pub(crate) async fn count(&self) -> Result<(), sea_orm::DbErr> {
        self.waiting.store(self.letters.count().await?, Ordering::Relaxed);
        Ok(())
    }
}

/// The span that an event is handled in, where spans are told to anybody.
fn span(event: &Event) -> Span {
    if !runtime::telemetry::enabled() {
        return Span::none();
    }
    let span = tracing::info_span!("consume", otel.name = %event.subject, otel.kind = "consumer", messaging.system = "nats");
    // Its child, so that one trace shows a purchase end to end, and linked to it, as OpenTelemetry's conventions for messages ask.
    runtime::telemetry::continue_from(&span, &event.traceparent);
    runtime::telemetry::link_to(&span, &event.traceparent);
    span
}

/// How long to wait after so many tries: four times as long after each. What may pass is looked for every 1.3 seconds in the end, the rest
/// after 5.1 seconds, which is less than [`ACK_WAIT`](crate::durable::ACK_WAIT).
fn pause(tries: u32, passing: bool) -> Duration {
    let steps = tries.min(if passing { 3 } else { 4 });
    Duration::from_millis(20 << (2 * steps))
}

pub(crate) async fn acknowledge(message: &Message) {
    if let Err(error) = message.ack().await {
        tracing::debug!(%error, "an event will come again, and be known");
    }
}
