//! The numbers that tell whether a service keeps up: what waits in its outbox, before its consumers, among its dead letters, on its clock
//! and before its store. Alerts stand on these names.

use std::{sync::Weak, time::Duration};

use opentelemetry::{
    KeyValue, global,
    metrics::{Gauge, Meter},
};
use prost_types::Timestamp;
use proto::operations::v1::ServiceStatus;

use crate::Operations;

/// How often they are taken.
const INTERVAL: Duration = Duration::from_secs(5);

struct Gauges {
    outbox_waiting: Gauge<i64>,
    outbox_age: Gauge<f64>,
    consumer_pending: Gauge<i64>,
    consumer_unacknowledged: Gauge<i64>,
    dead_letters: Gauge<i64>,
    timers_overdue: Gauge<i64>,
    timers_failing: Gauge<i64>,
    store_queued: Gauge<i64>,
}

impl Gauges {
    fn new(meter: &Meter) -> Self {
        let count = |name: &'static str, unit: &'static str| meter.i64_gauge(name).with_unit(unit).build();
        Self {
            outbox_waiting: count("tradewind.outbox.waiting", "{event}"),
            outbox_age: meter.f64_gauge("tradewind.outbox.age").with_unit("s").build(),
            consumer_pending: count("tradewind.consumer.pending", "{event}"),
            consumer_unacknowledged: count("tradewind.consumer.unacknowledged", "{event}"),
            dead_letters: count("tradewind.consumer.dead_letters", "{event}"),
            timers_overdue: count("tradewind.timers.overdue", "{timer}"),
            timers_failing: count("tradewind.timers.failing", "{timer}"),
            store_queued: count("tradewind.store.queued", "{update}"),
        }
    }

    fn record(&self, status: &ServiceStatus, queued: usize) {
        let oldest = status.outbox.and_then(|outbox| outbox.oldest_time);
        let age = oldest.zip(status.time).map_or(0.0, |(oldest, now)| seconds(now) - seconds(oldest));
        self.outbox_waiting.record(status.outbox.map_or(0, |outbox| outbox.waiting), &[]);
        self.outbox_age.record(age.max(0.0), &[]);
        for consumer in &status.consumers {
            let of = [KeyValue::new("consumer", consumer.consumer.clone())];
            if let Some(pending) = consumer.pending {
                self.consumer_pending.record(pending, &of);
                self.consumer_unacknowledged.record(consumer.unacknowledged, &of);
            }
            self.dead_letters.record(consumer.dead_letters, &of);
        }
        self.timers_overdue.record(status.timers.map_or(0, |timers| timers.overdue), &[]);
        self.timers_failing.record(status.timers.map_or(0, |timers| timers.failing), &[]);
        self.store_queued.record(i64::try_from(queued).unwrap_or(i64::MAX), &[]);
    }
}

/// Measures for as long as the service is there.
pub(crate) async fn measure(operations: Weak<Operations>) {
    let gauges = Gauges::new(&global::meter("tradewind"));
    while let Some(operations) = operations.upgrade() {
        match operations.status().await {
            Ok(status) => gauges.record(&status, operations.queued()),
            Err(error) => tracing::warn!(%error, "the service could not be measured"),
        }
        drop(operations);
        tokio::time::sleep(INTERVAL).await;
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds since 1970 are far below what a float counts exactly"
)]
fn seconds(time: Timestamp) -> f64 {
    time.seconds as f64 + f64::from(time.nanos) / 1e9
}
