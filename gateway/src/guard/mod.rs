//! Who may come in, and how often.

mod access;
mod rate;
mod streams;

pub(crate) use self::{
    access::{admit, passed_on},
    rate::Rates,
    streams::{OpenStream, Streams},
};
