//! Why a write happens, and whether it already did.

use kernel::OrganisationId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The idempotency key of a write. It is recorded in the write's own transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The first half of SHA-256 over (tenant, operation, key).
    pub(crate) id: Uuid,
    /// The first half of SHA-256 over the request.
    pub(crate) request: Uuid,
    /// Whether it is written down.
    pub(crate) recorded: bool,
}

impl Cause {
    /// A client's request: the tenant is the acting organisation, the key its `request_id`. The same key with another request is refused.
    /// An empty key makes a cause of its own, so that the request is simply carried out.
    pub fn request(tenant: OrganisationId, operation: &str, key: &str, request: &impl prost::Message) -> Self {
        if key.is_empty() {
            return Self::named(Uuid::new_v4(), Uuid::nil());
        }
        let id = digest(&[tenant.uuid().as_bytes(), operation.as_bytes(), key.as_bytes()]);
        Self::named(id, digest(&[&request.encode_to_vec()]))
    }

    /// An event of another service, by its subject: `events::Event::cause` names it.
    pub fn event(subject: &str, event: impl Into<Uuid>) -> Self {
        Self::step(subject, event)
    }

    /// A step of a saga, a timer's deadline, or anything else that is named by what it does and to whom.
    pub fn step(operation: &str, subject: impl Into<Uuid>) -> Self {
        Self::named(digest(&[b"step", operation.as_bytes(), subject.into().as_bytes()]), Uuid::nil())
    }

    /// A write whose own rows tell whether it was carried out: its closure answers with what it finds, so there is nothing to record.
    pub fn told_by_rows() -> Self {
        Self {
            recorded: false,
            ..Self::named(Uuid::new_v4(), Uuid::nil())
        }
    }

    /// This cause for another part of the same write: a request that is carried out in several transactions names each of them.
    #[must_use]
    pub fn then(&self, step: &str) -> Self {
        Self::named(digest(&[self.id.as_bytes(), step.as_bytes()]), self.request)
    }

    /// A name that stays the same whenever the same cause comes again; ids can be derived from it.
    pub fn id(&self) -> Uuid {
        self.id
    }

    fn named(id: Uuid, request: Uuid) -> Self {
        let recorded = true;
        Self { id, request, recorded }
    }
}

/// Parts are prefixed with their lengths, so that no two lists of parts collide.
fn digest(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    Uuid::from_bytes(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }

    #[test]
    fn an_empty_key_is_never_the_same_cause_twice() {
        let tenant = OrganisationId::from_uuid(Uuid::nil());
        assert_ne!(Cause::request(tenant, "Pay", "", &()), Cause::request(tenant, "Pay", "", &()));
        assert_eq!(Cause::request(tenant, "Pay", "k", &()), Cause::request(tenant, "Pay", "k", &()));
    }
}
