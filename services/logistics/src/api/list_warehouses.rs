//! The acting organisation's warehouses, newest first.

use proto::logistics::v1::{ListWarehousesRequest, ListWarehousesResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::page;
use tonic::{Request, Status};

use super::{Api, present};
use crate::{domain::Warehouse, store::warehouse::row};

pub(super) async fn handle(api: &Api, request: &Request<ListWarehousesRequest>) -> Result<ListWarehousesResponse, Status> {
    let owner = principal(request)?.organisation;
    let list = ("warehouses", owner);
    let mut check = Violations::new();
    let (size, after) = check.page(request.get_ref().page_size, &request.get_ref().page_token, &list);
    check.check()?;
    let own = row::Entity::find().filter(row::Column::Owner.eq(owner.uuid()));
    let select = page::newest_first(own, row::Column::Id, after, size);
    let mut warehouses = api.store.select::<Warehouse>(select).await?;
    let next_page_token = page::cut(&mut warehouses, size, &list, |warehouse| (0, warehouse.id.uuid()));
    Ok(ListWarehousesResponse {
        warehouses: warehouses.iter().map(present::warehouse).collect(),
        next_page_token,
    })
}
