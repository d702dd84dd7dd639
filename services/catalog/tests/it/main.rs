//! The catalog, end to end: real gRPC, real databases, a real broker.

#![allow(clippy::unwrap_used, missing_docs)]

mod caching;
mod categories;
mod importing;
mod listing;
mod lists;
mod pricing;
mod reviewing;
mod reviewing_buyers;
mod searching;
mod stores;
mod telling;
mod world;
