//! Order: carts, quotations, checkouts and orders, and who decides how a trade goes on.
//!
//! Start at [`run`], which wires the service. The tour:
//!
//! - `domain/` holds the nouns. An order is a state machine whose commands may be refused and whose facts are total.
//! - `api/` holds the verbs, one RPC a file. `create_checkout` is the busiest: a price call, one write, two calls, one write.
//! - `saga/` is what stands between those two writes: steps that can be repeated, steps that take them back, and a recovery for when we end in between.
//! - `consumers/` hears what payment and logistics tell; `timers/` what time tells.
//! - `trade` writes every change of an order, so that its facts and timers always follow from it.

mod api;
mod config;
mod consumers;
mod domain;
mod peers;
mod problem;
mod run;
mod saga;
mod store;
mod timers;
mod trade;

pub use crate::{config::Config, run::run};
