//! Takes a product off the market.

use ::store::Cause;
use proto::catalog::v1;
use runtime::auth::principal;
use tonic::{Request, Status};

use super::{Api, transition};

pub(super) async fn handle(api: &Api, request: &Request<v1::ArchiveProductRequest>) -> Result<v1::Product, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let asked = transition::asked(&request.product_id, &request.etag)?;
    let now = api.now();
    let cause = Cause::request(principal.organisation, "ArchiveProduct", &request.request_id, request);
    let archive = transition::take(api, &principal, cause, asked, None, move |product| Ok(product.archive(now)?));
    Ok(archive.await?)
}
