//! The acting organisation's warehouses, newest first.

use kernel::PageToken;
use proto::logistics::v1::{ListWarehousesRequest, ListWarehousesResponse};
use runtime::{Problem, Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::Aggregate;
use tonic::{Request, Status};

use super::{Api, answers};
use crate::{domain::Warehouse, store::warehouse::row};

pub(super) async fn handle(api: &Api, request: Request<ListWarehousesRequest>) -> Result<ListWarehousesResponse, Status> {
    let owner = principal(&request)?.organisation;
    let list = ("warehouses", owner);
    let mut violations = Violations::new();
    let (size, after) = violations.page(request.get_ref().page_size, &request.get_ref().page_token, &list);
    violations.check()?;
    let mut query = row::Entity::find().filter(row::Column::Owner.eq(owner.uuid()));
    if let Some(after) = after {
        query = query.filter(row::Column::Id.lt(after.id));
    }
    let rows = query.order_by_desc(row::Column::Id).limit(size + 1).all(api.store.db()).await;
    let mut rows = rows.map_err(store::unread)?;
    let more = rows.len() as u64 > size;
    rows.truncate(size as usize);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| PageToken { position: 0, id: row.id }.encode(&list));
    let warehouses: Result<Vec<_>, _> = rows
        .into_iter()
        .map(|row| Warehouse::from_row(row).map(|warehouse| answers::warehouse(&warehouse, warehouse.version())))
        .collect();
    Ok(ListWarehousesResponse {
        warehouses: warehouses.map_err(Problem::internal)?,
        next_page_token: next.unwrap_or_default(),
    })
}
