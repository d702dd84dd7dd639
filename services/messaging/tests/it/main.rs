//! Messaging as a whole: a real server, real databases, a real NATS server.

#![allow(clippy::unwrap_used)]

mod catalog;
mod hearing;
mod notifying;
mod opening;
mod orders;
mod sending;
mod setting;
mod streaming;
