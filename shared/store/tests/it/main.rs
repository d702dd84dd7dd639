//! The door, on real databases.

#![allow(clippy::unwrap_used, missing_docs)]

mod account;
mod causes;
mod competition;
mod outbox;
mod timers;
