//! Identity as a whole: a real server, real databases, a real NATS server.

#![allow(clippy::unwrap_used)]

mod members;
mod operators;
mod revoking;
mod sessions;
mod setting;
