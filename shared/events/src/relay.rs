//! From the outbox to the stream. The only place that publishes.

use std::{future::IntoFuture, time::Duration};

use async_nats::{
    Client,
    jetstream::{context::PublishAckFuture, publish::PublishAck},
};
use futures::{FutureExt, StreamExt, future::join_all};
use kernel::Time;
use store::{KEEP_EVENTS, Outbox, OutboxRow, Store};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};
use uuid::Uuid;

use crate::{Bus, event};

/// How many events are published at a time.
const BATCH: u32 = 512;

/// How long shards are leased: how long events may wait when a relay has died.
const LEASE: Duration = Duration::from_secs(6);

/// How often leases are renewed and the stream is looked at.
const RENEW: Duration = Duration::from_secs(2);

/// How long the relay sleeps when nobody wakes it.
const NAP: Duration = Duration::from_secs(1);

/// How long a relay that ends waits for the database to take its shards back.
const PATIENCE: Duration = Duration::from_secs(2);

/// How soon after its start a process sweeps old rows away, and how often from then on.
const FIRST_SWEEP: Duration = Duration::from_secs(30);
const SWEEP: Duration = Duration::from_secs(3_600);

/// What a relay tells the others when it ends, or has more than its share.
const SHARDS_ARE_FREE: &str = "shards are free";

pub(crate) struct Relay {
    bus: Bus,
    store: Store,
    outbox: Outbox,
    domain: &'static str,
    holder: String,
    wake: String,
}

/// A relay at work, which goes on when this is dropped.
pub struct Relaying {
    holder: String,
    store: Store,
    outbox: Outbox,
    client: Client,
    wake: String,
    task: JoinHandle<()>,
}

impl Relaying {
    /// Where the events come from.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Where they go.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Publishes while this lasts, such as the serving of requests. Then its shards are
    /// given back, so that other replicas need not wait until they expire.
    pub async fn during<T>(mut self, serving: impl Future<Output = T>) -> T {
        let served = serving.await;
        self.task.abort();
        // Until it has ended, it may lease once more.
        let _ = (&mut self.task).await;
        match timeout(PATIENCE, self.give_back()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "shards of the outbox could not be given back; they expire"),
            Err(_) => tracing::warn!("the database does not take shards of the outbox back in time; they expire"),
        }
        served
    }

    async fn give_back(&self) -> Result<(), Broken> {
        self.outbox.give_back(&self.holder).await?;
        self.client.publish(self.wake.clone(), SHARDS_ARE_FREE.into()).await?;
        Ok(self.client.flush().await?)
    }
}

/// Sweeps old rows away, beside everything else.
async fn sweep(store: Store, domain: &'static str) {
    let mut turns = tokio::time::interval_at(Instant::now() + FIRST_SWEEP, SWEEP);
    loop {
        turns.tick().await;
        if let Err(error) = store.sweep().await {
            tracing::warn!(domain, %error, "old rows could not be swept away");
        }
    }
}

type Broken = Box<dyn std::error::Error + Send + Sync>;

impl Relay {
    pub(crate) fn new(bus: Bus, store: &Store, domain: &'static str) -> Self {
        let holder = Uuid::new_v4().to_string();
        Self {
            bus,
            store: store.clone(),
            outbox: store.outbox(),
            domain,
            holder,
            wake: format!("relay.{domain}.wake"),
        }
    }

    pub(crate) fn start(self) -> Relaying {
        tokio::spawn(sweep(self.store.clone(), self.domain));
        Relaying {
            holder: self.holder.clone(),
            store: self.store.clone(),
            outbox: self.outbox.clone(),
            client: self.bus.client.clone(),
            wake: self.wake.clone(),
            task: tokio::spawn(self.run()),
        }
    }

    /// Publishes until the process ends; whatever breaks is tried again.
    async fn run(self) {
        let mut taken = 0;
        loop {
            if let Err(error) = self.publish_until_broken(&mut taken).await {
                tracing::warn!(domain = self.domain, %error, "the relay starts again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    /// Publishes, and keeps the last sequence of the stream that was acknowledged.
    async fn publish_until_broken(&self, taken: &mut u64) -> Result<(), Broken> {
        let mut wakes = self.bus.client.subscribe(self.wake.clone()).await?;
        let mut shards = Vec::new();
        let mut published = Vec::new();
        let mut renew = Instant::now();
        loop {
            if Instant::now() >= renew {
                let (now, had) = (self.now(), shards.len());
                shards = self.outbox.lease(&self.holder, now, now.plus(LEASE)).await?;
                if shards.len() < had {
                    // Somebody stands in line for them.
                    self.bus.client.publish(self.wake.clone(), SHARDS_ARE_FREE.into()).await?;
                }
                if !shards.is_empty() && self.notice_loss(*taken).await? {
                    // What was published last may be lost as well.
                    published.clear();
                    *taken = 0;
                }
                renew = Instant::now() + RENEW;
            }
            let rows = if shards.is_empty() {
                Vec::new()
            } else {
                self.outbox.next(&published, self.now(), &shards, BATCH).await?
            };
            published.clear();
            if rows.is_empty() {
                tokio::select! {
                    () = self.outbox.committed() => self.wake_others(&shards).await?,
                    wake = wakes.next() => {
                        if wake.is_some_and(|wake| wake.payload == SHARDS_ARE_FREE) {
                            renew = Instant::now();
                        }
                    }
                    () = tokio::time::sleep(NAP) => {}
                }
            } else {
                published = self.publish(rows, taken).await?;
                // Part of what was committed meanwhile may be others' to publish, who should not wait until we have nothing to do.
                if self.outbox.committed().now_or_never().is_some() {
                    self.wake_others(&shards).await?;
                }
            }
        }
    }

    /// All at once, each acknowledged by the stream. What is published but not marked is published again, and known.
    async fn publish(&self, rows: Vec<OutboxRow>, taken: &mut u64) -> Result<Vec<Uuid>, Broken> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut known = Vec::new();
        for (id, acknowledgement) in ids.iter().zip(self.send(rows, None).await?) {
            *taken = acknowledgement.sequence.max(*taken);
            if acknowledgement.duplicate {
                known.push((*id, acknowledgement.sequence));
            }
        }
        if !known.is_empty() {
            self.make_sure(known).await?;
        }
        Ok(ids)
    }

    /// Sends all, then waits for every acknowledgement. `again` is added to the ids that the broker knows messages by.
    async fn send(&self, rows: Vec<OutboxRow>, again: Option<&str>) -> Result<Vec<PublishAck>, Broken> {
        let mut sent = Vec::with_capacity(rows.len());
        for row in rows {
            let mut headers = event::headers(self.domain, &row);
            if let Some(again) = again {
                headers.insert("Nats-Msg-Id", format!("{} {again}", row.id));
            }
            let sending: PublishAckFuture = self.bus.context.publish_with_headers(row.subject, headers, row.body.into()).await?;
            sent.push(sending.into_future());
        }
        let acknowledged = join_all(sent).await.into_iter().collect::<Result<_, _>>();
        Ok(acknowledged?)
    }

    /// The broker knows ids for two minutes, and also those of messages that were purged meanwhile: what it had
    /// at these sequences and has no more is sent again, under other ids.
    async fn make_sure(&self, known: Vec<(Uuid, u64)>) -> Result<(), Broken> {
        let first = self.bus.history(self.domain).await?.first;
        let lost: Vec<Uuid> = known
            .into_iter()
            .filter(|(_, sequence)| *sequence < first)
            .map(|(id, _)| id)
            .collect();
        if !lost.is_empty() {
            let again = self.now().micros().to_string();
            self.send(self.outbox.rows(&lost).await?, Some(&again)).await?;
        }
        Ok(())
    }

    /// Whoever commits without holding all shards tells those who hold the others.
    async fn wake_others(&self, shards: &[i16]) -> Result<(), Broken> {
        if shards.len() < store::SHARDS as usize {
            self.bus.client.publish(self.wake.clone(), Vec::new().into()).await?;
        }
        Ok(())
    }

    /// A stream that was made anew, or that ends before what it has taken, has lost events: they are published again. Says whether it has.
    async fn notice_loss(&self, taken: u64) -> Result<bool, Broken> {
        // First what is remembered and then what is there, which can only be more: other relays publish and remember meanwhile.
        let known = self.outbox.stream(self.domain).await?;
        let history = self.bus.history(self.domain).await?;
        let now = (history.created.micros(), i64::try_from(history.last)?);
        let lost = history.last < taken || known.is_some_and(|(created, last)| created != now.0 || now.1 < last);
        if lost {
            let republished = self.outbox.republish(self.now().minus(KEEP_EVENTS)).await?;
            tracing::warn!(
                domain = self.domain,
                republished,
                "the broker lost its stream; its events are published again"
            );
        }
        if known != Some(now) {
            self.outbox.remember_stream(self.domain, now.0, now.1).await?;
        }
        Ok(lost)
    }

    fn now(&self) -> Time {
        self.store.clock().now()
    }
}
