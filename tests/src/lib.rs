//! The whole ecosystem as processes, for journeys and chaos: real servers, real databases, a real broker, spoken to as any client would.

#![allow(clippy::unwrap_used, reason = "a test that cannot have its ecosystem has to stop at once")]

mod carrier;
mod ecosystem;
mod events;
mod market;
pub mod olist;

pub use crate::{
    carrier::Carrier,
    ecosystem::{Database, Ecosystem, SERVICES, program},
    events::Events,
    market::{Goods, Market, accept, reaches},
};
