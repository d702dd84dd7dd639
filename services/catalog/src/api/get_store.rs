//! A store's window.

use kernel::StoreId;
use proto::catalog::v1;
use runtime::{Problem, parse_id};
use tonic::Status;

use super::Api;
use crate::wire;

pub(super) async fn handle(api: &Api, request: &v1::GetStoreRequest) -> Result<v1::Store, Status> {
    let id = parse_id::<StoreId>("store_id", &request.store_id)?;
    let shop = api.cache.shop(id).await?.ok_or_else(|| Problem::not_found("store"))?;
    Ok(wire::shop::to_proto(&shop))
}
