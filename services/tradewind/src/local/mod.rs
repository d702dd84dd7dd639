//! The ecosystem on one machine: processes, ports, keys and databases.

pub(crate) mod child;
mod home;
pub(crate) mod keys;
pub(crate) mod nats;
pub(crate) mod plan;
pub(crate) mod ports;
pub(crate) mod postgres;
pub(crate) mod probe;
pub(crate) mod ready;
