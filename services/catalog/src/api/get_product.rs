//! A published product; its own seller sees it in every state.

use kernel::ProductId;
use proto::catalog::v1::GetProductRequest;
use runtime::{Problem, parse_id};
use tonic::{Request, Status};

use super::{Api, encoded::Encoded, organisation};

pub(super) async fn handle(api: &Api, request: &Request<GetProductRequest>) -> Result<Encoded, Status> {
    let id = parse_id::<ProductId>("product_id", &request.get_ref().product_id)?;
    let listed = api.cache.product(id).await?;
    let visible = listed.filter(|listed| listed.product.is_visible_to(organisation(request)));
    let listed = visible.ok_or_else(|| Problem::not_found("product"))?;
    Ok(Encoded::new(listed.encoded.clone()))
}
