//! A store's window.

use kernel::StoreId;
use proto::catalog::v1;
use runtime::{Problem, Violations};
use tonic::Status;

use super::Api;
use crate::wire;

pub(super) async fn handle(api: &Api, request: &v1::GetStoreRequest) -> Result<v1::Store, Status> {
    let mut check = Violations::new();
    let id = check.id::<StoreId>("store_id", &request.store_id);
    check.check()?;
    let id = id.expect("a missing id ended the request");
    let shop = api.cache.shop(id).await?.ok_or_else(|| Problem::not_found("store"))?;
    Ok(wire::shop::to_proto(&shop))
}
