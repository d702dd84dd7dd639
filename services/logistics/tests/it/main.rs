//! Logistics, on real databases and a real NATS server.

#![allow(clippy::unwrap_used, missing_docs)]

mod carriers;
mod hearing;
mod order;
mod reserving;
mod running;
mod running_out;
mod shipping;
mod stock;
mod world;
