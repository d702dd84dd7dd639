//! Payment: the ledger, and what moves money through it.
//!
//! Money comes in through a provider (`providers/`) or lies in a wallet; a confirmed payment puts it into one escrow per order; acceptance
//! releases it to the seller less the platform's fee, and a refund returns it. Every movement is a transfer in the double-entry ledger
//! (`domain/ledger.rs` has the arithmetic, [`books`](mod@books) posts it), and corrections are new transfers.
//!
//! Start at [`run()`], which wires the service. A request enters in `api/`, a fact of order in `consumers/`. `charging` takes
//! money through a provider and `paying_out` sends it to a bank account: both write down what they are about to ask, ask, and
//! write down the answer, and a durable timer asks again until the answer is the last one. What was captured is known by the
//! intent for good. `sealing` chains what is committed, batch by batch, so that the past cannot be changed unnoticed;
//! `audits` looks. `gathering_fees` brings the platform's fees together.
//!
//! Order decides about trades; payment decides about money. It hears `order.v1.accepted` and `order.v1.refund_requested`, upon which
//! `ending_escrows` ends escrows, and tells `payment.v1.escrow_funded`, `escrow_released`, `escrow_refunded`, `intent_cancelled` and
//! `intent_declined`, `wallet_topped_up`, `payout_paid`, `payout_failed` and `payout_returned`.

mod api;
mod audits;
mod books;
mod charging;
mod consumers;
mod domain;
mod ending_escrows;
mod gathering_fees;
mod paying_out;
mod problem;
mod providers;
mod run;
mod sealing;
mod store;

pub use crate::run::{Config, check, run};
