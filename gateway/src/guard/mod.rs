//! Who may come in, how often, and how many at once.

mod access;
mod connections;
mod rate;
mod shares;
mod streams;

pub(crate) use self::{
    access::{admit, passed_on, revoked},
    connections::{Connections, Slot, TooMany},
    rate::Rates,
    streams::{OpenStream, Streams},
};
