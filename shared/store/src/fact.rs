//! Events on their way to the outbox.

use kernel::OrganisationId;
use prost::Message;
use uuid::Uuid;

/// Something that happened to an aggregate, to be told to the other services. It carries ids and amounts, never names or addresses; only
/// the catalog's carry more, which everybody may see.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub(crate) subject: &'static str,
    pub(crate) aggregate: Uuid,
    pub(crate) owners: Vec<OrganisationId>,
    pub(crate) body: Vec<u8>,
}

impl Fact {
    /// A fact on a subject such as `order.v1.paid`. The owners are the organisations that it concerns, for whoever
    /// has to know them and cannot read the body, such as an operator who looks at a dead letter.
    ///
    /// # Panics
    /// When the body is larger than 768 KiB, which the domain has to refuse before, and hurts this update only.
    pub fn new(
        subject: &'static str,
        aggregate: impl Into<Uuid>,
        owners: impl IntoIterator<Item = OrganisationId>,
        body: &impl Message,
    ) -> Self {
        let body = body.encode_to_vec();
        assert!(
            body.len() <= LARGEST_BODY,
            "{subject} with {} bytes can never be published",
            body.len()
        );
        Self {
            subject,
            aggregate: aggregate.into(),
            owners: owners.into_iter().collect(),
            body,
        }
    }

    /// The subject that it is published on.
    pub fn subject(&self) -> &'static str {
        self.subject
    }
}

/// The largest body of an event, well below the megabyte that brokers take. One that is
/// larger could never be published, and everything behind it would wait.
const LARGEST_BODY: usize = 768 * 1_024;
