//! Puts a product on the market.

use ::store::Cause;
use proto::catalog::v1;
use runtime::auth::principal;
use tonic::{Request, Status};

use super::{Api, transition};
use crate::domain::Product;

pub(super) async fn handle(api: &Api, request: &Request<v1::PublishProductRequest>) -> Result<v1::Product, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let cause = Cause::request(principal.organisation, "PublishProduct", &request.request_id, request);
    transition::take(api, &principal, cause, &request.product_id, &request.etag, Product::publish).await
}
