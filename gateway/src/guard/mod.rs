//! Who may come in, and how often.

mod access;
mod rate;

pub(crate) use self::{
    access::{admit, passed_on},
    rate::Rates,
};
