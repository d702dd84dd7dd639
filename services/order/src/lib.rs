//! Order: carts, quotations, checkouts and orders, and who decides how a trade goes on.
//!
//! Start at [`run()`], which wires the service. The tour:
//!
//! - `domain/` holds the nouns. An order is a state machine whose commands may be refused and whose facts are total.
//! - `api/` holds the verbs, one RPC a file. `create_checkout` is the busiest: a price call, one write, two calls, one write.
//! - `saga/` is what stands between those two writes: steps that can be repeated, steps that take them back, and a recovery for when we end in between.
//! - `consumers/` hears what payment, logistics and catalog tell; `timers/` what time tells.
//! - `trade` writes every change of an order, so that its facts and timers always follow from it.
//!
//! What was decided here:
//!
//! - A checkout makes one order per seller, and one for each quotation, because a quotation's freight is agreed for it alone.
//! - A variant that comes up twice in a request is refused, not merged: the sum could fall into another price tier.
//! - A checkout holds what it was made of from its first write on, the lines of the cart as well as quotations, so that a double click buys once. One that
//!   fails gives them back; one that is never paid gives back the quotations only, because its buyer saw the cart empty for days.
//! - A checkout that failed stays failed under its idempotency key; a request that never became a checkout can be tried again under the same key.
//! - A step without an answer leaves the checkout pending. The client is told so, with the checkout's id, and the recovery goes on.
//! - A buyer may choose shorter windows for payment and inspection than the platform gives, never longer ones: they hold the seller's stock and money.
//! - Payment's answer to `CancelIntent` is as good as its event: whichever comes first closes the orders, and the other is known already.
//! - An order is cancelled once. Money that comes after it was closed goes back, which its timeline and payment's own event tell.
//! - Goods that come back whole, or never leave, are refunded. When some parcels arrive and others come back, the order stays shipped and its long window
//!   runs on: how much of it is owed is for its parties to settle.
//! - The buyer may accept from hand-over on, because a carrier may forget to report a delivery.

mod api;
mod config;
mod consumers;
mod context;
mod domain;
mod peers;
mod problem;
mod run;
mod saga;
mod store;
mod timers;
mod trade;

pub use crate::{
    config::Config,
    run::{check, run},
};
