//! From a stream to this process: a durable consumer, shared by all replicas
//! of a service. What becomes of its events is the [`Dispatcher`]'s part.

use std::{future::Future, sync::Arc, time::Duration};

use async_nats::jetstream::consumer::PullConsumer;
use futures::StreamExt;
use store::Store;
use tokio::time::Instant;

use crate::{Bus, Error, Event, Failure, dispatcher::Dispatcher, durable::Durable, queues::Queues};

/// How many events are taken over at a time.
const BATCH: usize = 256;

/// How long the broker keeps a request for events. It looks for them anew with each request, so that
/// none lies there for longer should it once miss to wake whoever waits.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// How often the broker says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How often the number of dead letters is looked up, which other replicas may change.
const LOOK: Duration = Duration::from_secs(5);

/// A service's consumer of one domain's events.
pub struct Consumer {
    bus: Bus,
    service: &'static str,
    domain: &'static str,
    dispatcher: Arc<Dispatcher>,
}

impl Consumer {
    pub(crate) fn new(bus: Bus, store: &Store, service: &'static str, domain: &'static str) -> Self {
        Self {
            bus,
            service,
            domain,
            dispatcher: Arc::new(Dispatcher::new(store.dead_letters(domain))),
        }
    }

    /// What to do about events on this subject. The handler's write names the event as its cause.
    #[must_use]
    pub fn on<F, R>(mut self, subject: &'static str, handler: F) -> Self
    where
        F: Fn(Event) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let dispatcher = Arc::get_mut(&mut self.dispatcher).expect("nobody else has it before it starts");
        dispatcher.on(subject, Arc::new(move |event| Box::pin(handler(event))));
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

    pub(crate) fn dispatcher(&self) -> &Dispatcher {
        &self.dispatcher
    }

    /// How many events were not delivered yet, and how many were and are not acknowledged.
    pub(crate) async fn backlog(&self) -> Result<(u64, u64), Error> {
        let refused = |error: String| Error::Refused(self.durable().about(), error);
        let stream = self.bus.context.get_stream_no_info(self.domain).await;
        let stream = stream.map_err(|error| refused(error.to_string()))?;
        let info = stream
            .consumer_info(self.durable().name())
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
            .heartbeat(HEARTBEAT)
            .expires(ASK_AGAIN);
        let mut batches = messages.messages().await?.ready_chunks(BATCH);
        let mut look = Instant::now();
        let mut queues = Queues::new(&self.dispatcher);
        loop {
            let batch = tokio::select! {
                batch = batches.next() => batch,
                () = queues.work() => continue,
            };
            let Some(batch) = batch else { return Ok(()) };
            if Instant::now() >= look {
                self.dispatcher.count().await?;
                look = Instant::now() + LOOK;
            }
            for message in batch {
                queues.add(message?).await;
            }
        }
    }

    async fn pull(&self) -> Result<PullConsumer, Error> {
        let stream = self.bus.stream(self.domain).await?;
        self.durable().on(&stream).await
    }

    fn durable(&self) -> Durable {
        Durable {
            service: self.service,
            domain: self.domain,
            filter: self.filter(),
        }
    }

    /// One subject is filtered by the broker, several by us.
    fn filter(&self) -> String {
        let mut subjects = self.dispatcher.subjects();
        match (subjects.next(), subjects.next()) {
            (Some(only), None) => only.to_owned(),
            _ => format!("{}.v1.>", self.domain),
        }
    }
}
