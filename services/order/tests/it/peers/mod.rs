//! Stand-ins for catalog, logistics and payment. They keep real state and really are idempotent, tell real events,
//! and can be told to fail in every way that a network can: refuse, never answer, or do what was asked and lose the answer.

pub(crate) mod catalog;
pub(crate) mod faults;
pub(crate) mod logistics;
pub(crate) mod payment;

pub(crate) use self::{catalog::Catalog, faults::Fault, logistics::Logistics, payment::Payment};

/// Which order an event of order is about.
fn order_of(event: &events::Event) -> String {
    event.decode::<proto::order::v1::OrderChanged>().unwrap().order_id
}
