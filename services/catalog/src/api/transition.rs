//! What publishing and archiving have in common.

use ::store::{Cause, Keys};
use kernel::{ProductId, Time};
use proto::catalog::v1;
use runtime::{Violations, auth::Principal};
use tonic::Status;

use super::{Api, writing};
use crate::domain::{Event, IllegalTransition, Product, Refusal, must_be_at};

/// One step of a product's way.
pub(super) type Step = fn(&mut Product, Time) -> Result<Event, IllegalTransition>;

/// Takes a step with a product of the principal's.
pub(super) async fn take(
    api: &Api,
    principal: &Principal,
    cause: Cause,
    product_id: &str,
    etag: &str,
    step: Step,
) -> Result<v1::Product, Status> {
    let mut check = Violations::new();
    let id = check.id::<ProductId>("product_id", product_id);
    let expected = check.etag("etag", etag);
    check.check()?;
    let id = id.expect("a missing id ended the request");

    let (now, owner) = (api.now(), principal.organisation);
    let keys = Keys::new().one::<Product>(id);
    let stepped = api.store.execute::<v1::Product, Refusal, _>(cause, keys, move |work| {
        let version = work.get::<Product>(id).ok_or(Refusal::Unknown("product"))?.version();
        let product = work.change::<Product>(id).ok_or(Refusal::Unknown("product"))?;
        product.must_be_of(owner)?;
        must_be_at(expected, version)?;
        let event = step(product, now)?;
        let product = product.clone();
        Ok(writing::tell(work, Some(event), product, version + 1))
    });
    let stepped = stepped.await?;
    api.product_written(&stepped);
    Ok(stepped)
}
