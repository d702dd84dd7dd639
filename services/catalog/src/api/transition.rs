//! What publishing and archiving have in common.

use ::store::Work;
use kernel::{OrganisationId, ProductId};
use proto::catalog::v1;
use runtime::{Problem, Violations};

use super::writing;
use crate::{
    domain::{Event, Product, Refusal},
    wire,
};

/// The product that a request names, and the revision that it must have if the request says so.
pub(super) fn asked(product_id: &str, etag: &str) -> Result<(ProductId, Option<i64>), Problem> {
    let mut check = Violations::new();
    let id = check.id::<ProductId>("product_id", product_id);
    let seen = wire::product::revision_seen(&mut check, etag);
    Ok((check.finish(id)?, seen))
}

/// Takes a step with a product of this organisation's. It must be at the revision that the caller has seen
/// and at the version that the step was prepared with, if there are such.
pub(super) fn take(
    work: &mut Work,
    owner: OrganisationId,
    (id, seen, prepared): (ProductId, Option<i64>, Option<i64>),
    step: impl FnOnce(&mut Product) -> Result<Event, Refusal>,
) -> Result<v1::Product, Refusal> {
    let known = work.get::<Product>(id).ok_or(Refusal::Unknown("product"))?;
    known.must_be_of(owner)?;
    writing::must_be_at(known, seen, prepared)?;
    let event = step(work.change::<Product>(id).ok_or(Refusal::Unknown("product"))?)?;
    writing::tell(work, Some(event), id)
}
