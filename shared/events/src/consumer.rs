//! From a stream to handlers.

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::{
    AckKind, Message,
    consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
};
use futures::{
    StreamExt,
    future::{BoxFuture, join_all},
};
use store::{DeadLetters, Store};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::{Bus, Error, Event, Failure};

/// How many events are worked on at a time.
const BATCH: usize = 256;

/// How long the broker waits for an acknowledgement before it delivers again: what a crash costs the events that were being worked on.
const ACK_WAIT: Duration = Duration::from_secs(8);

/// How often an event is tried before it is a dead letter.
const TRIES: u32 = 5;

/// How often the number of dead letters is looked up, which other replicas may change.
const LOOK: Duration = Duration::from_secs(5);

type Handler = Arc<dyn Fn(Event) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// A service's consumer of one domain's events.
pub struct Consumer {
    bus: Bus,
    service: &'static str,
    domain: &'static str,
    digest: Digest,
}

impl Consumer {
    pub(crate) fn new(bus: Bus, store: &Store, service: &'static str, domain: &'static str) -> Self {
        let digest = Digest {
            handlers: HashMap::new(),
            letters: store.dead_letters(domain),
            waiting: AtomicU64::new(0),
        };
        Self {
            bus,
            service,
            domain,
            digest,
        }
    }

    /// What to do about events on this subject. The handler's write names the event as its cause.
    #[must_use]
    pub fn on<F, R>(mut self, subject: &'static str, handler: F) -> Self
    where
        F: Fn(Event) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.digest
            .handlers
            .insert(subject, Arc::new(move |event| Box::pin(handler(event))));
        self
    }

    /// Starts to consume, for as long as the process runs.
    ///
    /// # Errors
    /// A stream or consumer that cannot be had.
    pub async fn start(self) -> Result<(), Error> {
        self.pull().await?;
        let consumer = Arc::new(self);
        consumer.bus.register(&consumer);
        tokio::spawn(async move { consumer.run().await });
        Ok(())
    }

    /// The domain that it listens to.
    pub(crate) fn domain(&self) -> &'static str {
        self.domain
    }

    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }

    /// How many events were not delivered yet, and how many were and are not acknowledged.
    pub(crate) async fn backlog(&self) -> Result<(u64, u64), Error> {
        let refused = |error: String| Error::Refused(format!("consumer {} of stream {}", self.service, self.domain), error);
        let stream = self.bus.context.get_stream_no_info(self.domain).await;
        let stream = stream.map_err(|error| refused(error.to_string()))?;
        let info = stream
            .consumer_info(self.service)
            .await
            .map_err(|error| refused(error.to_string()))?;
        Ok((info.num_pending, info.num_ack_pending as u64))
    }

    async fn run(&self) {
        loop {
            if let Err(error) = self.consume_until_broken().await {
                tracing::warn!(service = self.service, domain = self.domain, %error, "the consumer starts again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    async fn consume_until_broken(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let consumer = self.pull().await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(BATCH * 2)
            .heartbeat(Duration::from_secs(5))
            .expires(Duration::from_secs(30));
        let mut batches = messages.messages().await?.ready_chunks(BATCH);
        let mut look = Instant::now();
        while let Some(batch) = batches.next().await {
            if Instant::now() >= look {
                self.digest.count().await?;
                look = Instant::now() + LOOK;
            }
            let batch = batch.into_iter().collect::<Result<Vec<Message>, _>>()?;
            self.digest.take(batch).await;
        }
        Ok(())
    }

    async fn pull(&self) -> Result<PullConsumer, Error> {
        let name = || format!("consumer {} of stream {}", self.service, self.domain);
        let stream = self.bus.stream(self.domain).await?;
        let asked = pull::Config {
            durable_name: Some(self.service.to_owned()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_ack_pending: 4 * BATCH as i64,
            filter_subject: self.filter(),
            ..pull::Config::default()
        };
        let refused = |error: String| Error::Refused(name(), error);
        let consumer: PullConsumer = stream
            .get_or_create_consumer(self.service, asked.clone())
            .await
            .map_err(|error| refused(error.to_string()))?;
        let has = &consumer.cached_info().config;
        if has.filter_subject != asked.filter_subject || has.ack_wait != asked.ack_wait {
            // Handlers or times are others since: the position stays, the rest follows.
            return stream.create_consumer(asked).await.map_err(|error| refused(error.to_string()));
        }
        let same = has.ack_policy == asked.ack_policy && has.deliver_policy == asked.deliver_policy;
        if same {
            Ok(consumer)
        } else {
            Err(Error::Differs(name(), format!("{has:?}")))
        }
    }

    /// One subject is filtered by the broker, several by us.
    fn filter(&self) -> String {
        let mut subjects = self.digest.handlers.keys();
        match (subjects.next(), subjects.next()) {
            (Some(only), None) => (*only).to_owned(),
            _ => format!("{}.v1.>", self.domain),
        }
    }
}

/// What happens to events once they are here.
pub(crate) struct Digest {
    handlers: HashMap<&'static str, Handler>,
    pub(crate) letters: DeadLetters,
    /// How many dead letters there are: as long as there are none, nobody looks for them.
    waiting: AtomicU64,
}

impl Digest {
    /// Events of different aggregates side by side, those of one in their order; acknowledged when they are digested or put away.
    async fn take(&self, batch: Vec<Message>) {
        let mut queues: HashMap<Uuid, Vec<(Message, Event)>> = HashMap::new();
        for message in batch {
            match Event::read(&message.subject, message.headers.as_ref(), message.payload.clone()) {
                Ok(event) if self.handlers.contains_key(event.subject.as_str()) => {
                    queues.entry(event.aggregate).or_default().push((message, event));
                }
                Ok(_) => acknowledge(&message).await,
                Err(error) => {
                    tracing::error!(subject = %message.subject, %error, "this is no event of ours");
                    acknowledge(&message).await;
                }
            }
        }
        join_all(queues.into_values().map(|queue| async {
            for (message, event) in queue {
                self.settle(&message, event).await;
                acknowledge(&message).await;
            }
        }))
        .await;
    }

    /// Returns once the event is digested or a dead letter.
    async fn settle(&self, message: &Message, event: Event) {
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

    pub(crate) async fn handle(&self, event: Event) -> Result<(), Failure> {
        let Some(handler) = self.handlers.get(event.subject.as_str()) else {
            return Ok(());
        };
        if !runtime::telemetry::enabled() {
            return handler(event).await;
        }
        let span = tracing::info_span!("consume", otel.name = %event.subject, otel.kind = "consumer", messaging.system = "nats");
        // Its child, so that one trace shows a purchase end to end, and linked to it, as OpenTelemetry's conventions for messages ask.
        runtime::telemetry::continue_from(&span, &event.traceparent);
        runtime::telemetry::link_to(&span, &event.traceparent);
        handler(event).instrument(span).await
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

    pub(crate) async fn count(&self) -> Result<(), sea_orm::DbErr> {
        self.waiting.store(self.letters.count().await?, Ordering::Relaxed);
        Ok(())
    }
}

/// How long to wait after so many tries: four times as long after each. What may pass is looked for every 1.3 seconds in the end, the rest after 5.1
/// seconds, which is less than [`ACK_WAIT`].
fn pause(tries: u32, passing: bool) -> Duration {
    let steps = tries.min(if passing { 3 } else { 4 });
    Duration::from_millis(20 << (2 * steps))
}

async fn acknowledge(message: &Message) {
    if let Err(error) = message.ack().await {
        tracing::debug!(%error, "an event will come again, and be known");
    }
}
