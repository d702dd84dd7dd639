//! Events between services: from the outbox to a stream, and from a stream to a consumer.
//!
//! ```text
//! store.outbox() -> Relay -> JetStream stream `order` (order.v1.>) -> Consumer -> handler -> another store, the event as its cause
//! ```
//!
//! - One stream per domain, CloudEvents 1.0 in binary mode: attributes in headers, a protobuf message as the body.
//! - [`relay`](Bus::relay) publishes what is committed, in the order of each aggregate, and republishes what a broker lost.
//! - [`Consumer`] hands each event to its handler and acknowledges after the handler's write has committed. What keeps failing goes to the dead letters,
//!   and later events of the same aggregate queue behind it.
//! - [`Operations`] is what operators ask of a service and do to it: its state, dead letters, replay, audits.
//! - A [`Follower`] is one process's own view of a stream, for caches and indexes.
//! - [`Relaying::serve`] serves requests meanwhile, and says how the process is: whether its database answers, and whether the broker is there.
//!
//! NATS 2.9's core is enough. What the server reports about a stream or consumer is compared with what was asked,
//! setting by setting. A stream of too few replicas gets more, and a consumer gets what was asked, as far as the
//! server changes it; with any other difference the process does not start.

mod bus;
mod consumer;
mod differences;
mod dispatcher;
mod durable;
mod event;
mod failure;
mod follow;
mod gauges;
mod operations;
mod queues;
mod redrive;
mod relay;
mod servers;
mod serving;

pub use crate::{
    bus::{Bus, Error, check, check_broker},
    consumer::Consumer,
    event::Event,
    failure::Failure,
    follow::{Begin, Follower, History},
    operations::{Operations, refuse_page_token},
    relay::Relaying,
};
