//! Events on their way to the outbox.

use kernel::OrganisationId;
use prost::Message;
use uuid::Uuid;

/// Something that happened to an aggregate, to be told to the other services. It carries ids and amounts, never names or addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub(crate) subject: &'static str,
    pub(crate) aggregate: Uuid,
    pub(crate) owners: Vec<OrganisationId>,
    pub(crate) body: Vec<u8>,
}

impl Fact {
    /// A fact on a subject such as `order.v1.paid`. The owners are those whom it concerns, so that ownership checks stay local to whoever hears it.
    pub fn new(
        subject: &'static str,
        aggregate: impl Into<Uuid>,
        owners: impl IntoIterator<Item = OrganisationId>,
        body: &impl Message,
    ) -> Self {
        Self {
            subject,
            aggregate: aggregate.into(),
            owners: owners.into_iter().collect(),
            body: body.encode_to_vec(),
        }
    }

    /// The subject that it is published on.
    pub fn subject(&self) -> &'static str {
        self.subject
    }
}

/// What a domain method returns: nothing, a fact, several, or the service's own event type, which turns itself into facts.
pub trait Emit {
    /// Hands every fact to the outbox, in order.
    fn emit(self, outbox: &mut dyn FnMut(Fact));
}

impl Emit for () {
    fn emit(self, _: &mut dyn FnMut(Fact)) {}
}

impl Emit for Fact {
    fn emit(self, outbox: &mut dyn FnMut(Fact)) {
        outbox(self);
    }
}

impl<E: Emit> Emit for Option<E> {
    fn emit(self, outbox: &mut dyn FnMut(Fact)) {
        if let Some(event) = self {
            event.emit(outbox);
        }
    }
}

impl<E: Emit> Emit for Vec<E> {
    fn emit(self, outbox: &mut dyn FnMut(Fact)) {
        for event in self {
            event.emit(outbox);
        }
    }
}
