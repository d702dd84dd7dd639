//! What publishing and archiving have in common.

use ::store::{Cause, Error, Keys};
use kernel::ProductId;
use proto::catalog::v1;
use runtime::{Problem, Violations, auth::Principal};

use super::{Api, writing};
use crate::domain::{Event, Product, Refusal};

/// The product that a request names, and the version that it must have if the request says so.
pub(super) fn asked(product_id: &str, etag: &str) -> Result<(ProductId, Option<i64>), Problem> {
    let mut check = Violations::new();
    let id = check.id::<ProductId>("product_id", product_id);
    let expected = check.etag("etag", etag);
    Ok((check.finish(id)?, expected))
}

/// Takes a step with a product of the principal's. Where the step was `prepared` with a version, that must be the product's still.
pub(super) async fn take(
    api: &Api,
    principal: &Principal,
    cause: Cause,
    (id, expected): (ProductId, Option<i64>),
    prepared: Option<i64>,
    step: impl Fn(&mut Product) -> Result<Event, Refusal> + Send + Sync + 'static,
) -> Result<v1::Product, Error<Refusal>> {
    let owner = principal.organisation;
    let keys = Keys::new().one::<Product>(id);
    let stepped = api.store.execute::<v1::Product, Refusal, _>(cause, keys, move |work| {
        let known = work.get::<Product>(id).ok_or(Refusal::Unknown("product"))?;
        known.must_be_of(owner)?;
        writing::must_be_at(known, expected, prepared)?;
        let event = step(work.change::<Product>(id).ok_or(Refusal::Unknown("product"))?)?;
        writing::tell(work, Some(event), id)
    });
    let stepped = stepped.await?;
    api.product_written(&stepped);
    Ok(stepped)
}
