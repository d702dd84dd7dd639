//! One process's own view of a domain's events, for what lives in its memory or its own files: caches and search indexes.
//!
//! Unlike a [`Consumer`](crate::Consumer), a follower is not shared by replicas and acknowledges nothing: whoever follows knows by itself
//! how far it came, and begins again from there when the follower breaks. It breaks rather than skip an event.

use std::time::Duration;

use async_nats::{
    datetime,
    jetstream::{
        Message,
        consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
    },
};
use futures::{StreamExt, stream::ReadyChunks};
use kernel::Time;

use crate::{Bus, Error, Event, differences::Differences};

/// How many events are handed over at a time, at most.
const BATCH: usize = 512;

/// How often the broker says that it is still there; after two silences the follower breaks.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// How long the broker keeps a request for events, and with it how long one may lie there unnoticed should it once miss to wake us.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// How long the broker keeps the position of a follower that went away.
const FORGET: Duration = Duration::from_secs(30);

/// Where a follower begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// With what happens from now on.
    Now,
    /// With the event of this sequence in the stream, or the first one after it that is still there.
    Sequence(u64),
    /// With what the broker took at this time, or the first after it.
    Time(Time),
}

/// What a stream still has. Sequences count its events from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// When the stream was made: another time means that it was lost and made anew.
    pub created: Time,
    /// The sequence of the oldest event that is still there; one more than `last` when there is none.
    pub first: u64,
    /// The sequence of the newest event; 0 when there never was one.
    pub last: u64,
}

/// Events in their order, each with its sequence in the stream.
pub struct Follower {
    name: String,
    messages: ReadyChunks<pull::Stream>,
    /// How many events were there for it when it began.
    waiting: u64,
    received: u64,
}

impl Bus {
    /// Begins to follow a domain's events.
    ///
    /// # Errors
    /// A stream or consumer that cannot be had.
    pub async fn follow(&self, domain: &str, begin: Begin) -> Result<Follower, Error> {
        let name = format!("a follower of stream {domain}");
        let refused = |error: String| Error::Refused(name.clone(), error);
        let deliver_policy = match begin {
            Begin::Now => DeliverPolicy::New,
            Begin::Sequence(start_sequence) => DeliverPolicy::ByStartSequence { start_sequence },
            Begin::Time(time) => {
                let start_time = datetime::from_nanos(i128::from(time.micros()) * 1_000);
                let start_time = start_time.map_err(|error| refused(error.to_string()))?;
                DeliverPolicy::ByStartTime { start_time }
            }
        };
        let config = pull::Config {
            deliver_policy,
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGET,
            memory_storage: true,
            ..pull::Config::default()
        };
        let stream = self.stream(domain).await?;
        let made = stream.create_consumer(config.clone()).await;
        let consumer: PullConsumer = made.map_err(|error| refused(error.to_string()))?;
        let (waiting, has) = (consumer.cached_info().num_pending, &consumer.cached_info().config);
        let mut differences = Differences::default();
        differences
            .compare("deliver_policy", &config.deliver_policy, &has.deliver_policy)
            .compare("ack_policy", &config.ack_policy, &has.ack_policy)
            .compare("inactive_threshold", &config.inactive_threshold, &has.inactive_threshold)
            .compare("memory_storage", &config.memory_storage, &has.memory_storage);
        differences.none_of(|| name.clone())?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(BATCH * 2)
            .heartbeat(HEARTBEAT)
            .expires(ASK_AGAIN);
        let messages = messages.messages().await.map_err(|error| refused(error.to_string()))?;
        Ok(Follower {
            messages: messages.ready_chunks(BATCH),
            waiting,
            received: 0,
            name,
        })
    }

    /// What the stream of a domain still has.
    ///
    /// # Errors
    /// A stream that cannot be had.
    pub async fn history(&self, domain: &str) -> Result<History, Error> {
        let mut stream = self.stream(domain).await?;
        let refused = |error: String| Error::Refused(format!("stream {domain}"), error);
        let info = stream.info().await.map_err(|error| refused(error.to_string()))?;
        let created = i64::try_from(info.created.unix_timestamp_nanos() / 1_000).map_err(|error| refused(error.to_string()))?;
        let (first, last) = (info.state.first_sequence, info.state.last_sequence);
        Ok(History {
            created: Time::from_micros(created),
            first: if info.state.messages == 0 { last + 1 } else { first },
            last,
        })
    }
}

impl Follower {
    /// The next events, as many as are there; waits for at least one. What is no event of ours is passed over.
    ///
    /// # Errors
    /// A broker that fell silent or an event that got lost on the way: begin again after the last sequence that came.
    pub async fn next(&mut self) -> Result<Vec<(u64, Event)>, Error> {
        let batch = self.messages.next().await.ok_or_else(|| self.broken("the broker ended it"))?;
        let mut events = Vec::with_capacity(batch.len());
        for message in batch {
            let message = message.map_err(|error| self.broken(&error.to_string()))?;
            let sequence = self.in_order(&message)?;
            match Event::read(&message.subject, message.headers.as_ref(), message.payload.clone()) {
                Ok(event) => events.push((sequence, event)),
                Err(error) => tracing::error!(subject = %message.subject, %error, "this is no event of ours"),
            }
        }
        Ok(events)
    }

    /// Whether everything has come that was there when it began.
    pub fn has_caught_up(&self) -> bool {
        self.received >= self.waiting
    }

    /// The message's sequence in the stream, once it is sure that none was delivered before it that did not arrive.
    fn in_order(&mut self, message: &Message) -> Result<u64, Error> {
        let info = message.info().map_err(|error| self.broken(&error.to_string()))?;
        if info.consumer_sequence != self.received + 1 {
            return Err(self.broken("an event got lost on the way"));
        }
        self.received = info.consumer_sequence;
        Ok(info.stream_sequence)
    }

    fn broken(&self, why: &str) -> Error {
        Error::Refused(self.name.clone(), why.to_owned())
    }
}
