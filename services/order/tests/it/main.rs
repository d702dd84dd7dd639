//! The service on real databases, with a real NATS, among peers that keep their promises over gRPC and events.

#![allow(clippy::unwrap_used, missing_docs)]

mod cancelling;
mod carts;
mod checkouts;
mod crashes;
mod expiring;
mod instance;
mod orders;
mod peers;
mod quotations;
mod recoveries;
mod replicas;
mod reviews;
mod sale;
mod timers;
mod trade;
mod world;
mod writes;
