//! The gateway on a real socket, in front of a real gRPC service.

#![allow(clippy::unwrap_used)]

mod answers;
mod connections;
mod crowds;
mod described;
mod doors;
mod heads;
mod health;
mod hostile;
mod json;
mod openapi;
mod problems;
mod product;
mod promises;
mod revoking;
mod routing;
mod setting;
mod streams;
mod trial;
