//! From one store to another, over a real NATS server.

#![allow(clippy::unwrap_used)]

mod health;
mod operations;
mod settings;
mod telling;
mod world;
