//! The acting organisation's warehouses, newest first.

use proto::logistics::v1::{ListWarehousesRequest, ListWarehousesResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{domain::Warehouse, store::warehouse::row};

pub(super) async fn handle(api: &Api, request: &Request<ListWarehousesRequest>) -> Result<ListWarehousesResponse, Status> {
    let owner = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let page = check.page(request.page_size, &request.page_token, ("warehouses", owner));
    check.finish(())?;
    let select = row::Entity::find().filter(row::Column::Owner.eq(owner.uuid()));
    let (warehouses, next_page_token) = api.store.newest::<Warehouse, _>(select, &page).await?;
    Ok(ListWarehousesResponse {
        warehouses: warehouses.iter().map(present::warehouse).collect(),
        next_page_token,
    })
}
