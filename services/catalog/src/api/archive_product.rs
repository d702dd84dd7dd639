//! Takes a product off the market.

use ::store::{Cause, Keys};
use proto::catalog::v1;
use runtime::auth::principal;
use tonic::{Request, Status};

use super::{Api, transition};
use crate::domain::Product;

pub(super) async fn handle(api: &Api, request: &Request<v1::ArchiveProductRequest>) -> Result<v1::Product, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let (id, seen) = transition::asked(&request.product_id, &request.etag)?;
    let (owner, now) = (principal.organisation, api.now());
    let cause = Cause::request(owner, "ArchiveProduct", &request.request_id, request);
    let archived = api.store.execute(cause, Keys::new().one::<Product>(id), move |work| {
        transition::take(work, owner, (id, seen, None), |product| Ok(product.archive(now)?))
    });
    let archived = archived.await?;
    api.product_written(&archived);
    Ok(archived)
}
