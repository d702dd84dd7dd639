//! Stand-ins for catalog, logistics and payment. They keep real state and really are idempotent, publish real events through real outboxes,
//! and can be told to fail in every way that a network can: refuse, never answer, or do what was asked and lose the answer.

pub(crate) mod catalog;
pub(crate) mod faults;
pub(crate) mod logistics;
pub(crate) mod outbox;
pub(crate) mod payment;

pub(crate) use self::{catalog::Catalog, faults::Fault, logistics::Logistics, payment::Payment};
