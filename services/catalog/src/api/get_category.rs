//! A category.

use kernel::CategoryId;
use proto::catalog::v1;
use runtime::{Problem, parse_id};
use tonic::Status;

use super::Api;
use crate::wire;

pub(super) async fn handle(api: &Api, request: &v1::GetCategoryRequest) -> Result<v1::Category, Status> {
    let id = parse_id::<CategoryId>("category_id", &request.category_id)?;
    let category = api.cache.category(id).await?.ok_or_else(|| Problem::not_found("category"))?;
    Ok(wire::category::to_proto(&category))
}
