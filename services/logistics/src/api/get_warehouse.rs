//! One of the acting organisation's warehouses.

use kernel::{OrganisationId, WarehouseId};
use proto::logistics::v1::{GetWarehouseRequest, Warehouse as WarehouseMessage};
use runtime::{Problem, auth::principal, parse_id};
use store::Stored;
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::Warehouse;

pub(super) async fn handle(api: &Api, request: &Request<GetWarehouseRequest>) -> Result<WarehouseMessage, Status> {
    let principal = principal(request)?;
    let id = parse_id::<WarehouseId>("warehouse_id", &request.get_ref().warehouse_id)?;
    let warehouse = owned(api, principal.organisation, id).await?;
    Ok(present::warehouse(&warehouse))
}

/// The warehouse, if this organisation owns it; nobody else may know that it exists.
pub(super) async fn owned(api: &Api, owner: OrganisationId, id: WarehouseId) -> Result<Stored<Warehouse>, Problem> {
    let found = api.store.get::<Warehouse>(id).await?;
    found
        .filter(|warehouse| warehouse.owner == owner)
        .ok_or_else(|| Problem::not_found("warehouse"))
}
