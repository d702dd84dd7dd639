//! The door, on real databases.

#![allow(clippy::unwrap_used, missing_docs)]

mod account;
mod causes;
mod competition;
mod opening;
mod outbox;
mod reading;
mod sweeping;
mod timers;
