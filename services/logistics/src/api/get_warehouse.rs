//! One of the acting organisation's warehouses.

use kernel::{OrganisationId, WarehouseId};
use proto::logistics::v1::{GetWarehouseRequest, Warehouse as Answer};
use runtime::{Problem, Violations, auth::principal};
use store::Stored;
use tonic::{Request, Status};

use super::{Api, answers};
use crate::{domain::Warehouse, problem::unread};

pub(super) async fn handle(api: &Api, request: Request<GetWarehouseRequest>) -> Result<Answer, Status> {
    let principal = principal(&request)?;
    let mut violations = Violations::new();
    let id = violations.id::<WarehouseId>("warehouse_id", &request.get_ref().warehouse_id);
    violations.check()?;
    let warehouse = owned(api, principal.organisation, id).await?;
    Ok(answers::warehouse(&warehouse, warehouse.version()))
}

/// The warehouse, if this organisation owns it; nobody else may know that it exists.
pub(super) async fn owned(api: &Api, owner: OrganisationId, id: Option<WarehouseId>) -> Result<Stored<Warehouse>, Status> {
    let found = match id {
        Some(id) => api.store.get::<Warehouse>(id).await.map_err(unread)?,
        None => None,
    };
    found
        .filter(|warehouse| warehouse.owner == owner)
        .ok_or_else(|| Problem::not_found("warehouse").into())
}
