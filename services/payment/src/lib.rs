//! Payment: the ledger, and what moves money through it.
//!
//! Money comes in through a provider (`providers/`) or lies in a wallet; a confirmed payment puts it into one escrow per order; acceptance releases it to the
//! seller less the platform's fee, and a refund returns it. Every movement is a transfer in the double-entry ledger (`domain/ledger.rs` has the arithmetic,
//! [`books`](mod@books) posts it), and corrections are new transfers. `sealing` chains what is committed, batch by batch, so that the past cannot be
//! changed unnoticed; `audits` looks.
//!
//! Order decides about trades; payment decides about money. It hears `order.v1.accepted` and `order.v1.refund_requested` and tells
//! `payment.v1.escrow_funded`, `escrow_released`, `escrow_refunded` and `intent_cancelled`.

mod api;
mod audits;
mod books;
mod charging;
mod consumers;
mod domain;
mod payees;
mod problem;
mod providers;
mod run;
mod sealing;
mod store;

pub use crate::run::{Config, run};
