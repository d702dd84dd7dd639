//! Messaging: conversations of two organisations, and notifications of what happened elsewhere.
//!
//! Start at [`run()`], which wires the service. The tour:
//!
//! - `domain/` holds the nouns. A conversation counts its own messages, so their sequences are dense under its lock; news say who is told of what.
//! - `api/` holds the verbs, one RPC a file. `stream_messages` is the one that does not end by itself.
//! - `live` wakes the streams of this process: our own writes at once, those of other replicas through the service's own events.
//! - `consumers/` hears order, payment, logistics and catalog, and turns what they tell into notifications.
//! - `audits` looks whether the sequences are as dense as they should be.
//!
//! What was decided here:
//!
//! - A conversation's id follows from its two organisations and its context, so that two who open it at once find the same one.
//! - A conversation about an order needs an order between the two. Messaging learns who they are from order's events, which it hears anyway, and does not
//!   call order: it goes on when order is away. An order that it has not heard of may be one from a moment ago, so the refusal says to try again.
//! - A conversation about a product needs one that is on the market and that one of the two sells. Catalog is asked for it when the conversation is opened,
//!   never again; and identity, whether there is an organisation to talk to.
//! - A stream sends what the database has. Events only say when to look, so a lost or repeated event neither loses nor repeats a message.
//! - A stream ends after a while, so that its listener shows a fresh token; it goes on behind the last message that came.

mod api;
mod audits;
mod consumers;
mod domain;
mod live;
mod problem;
mod products;
mod run;
mod store;

pub use crate::run::{Config, check, run};
