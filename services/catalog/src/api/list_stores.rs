//! Stores, newest first, all or one organisation's.

use ::store::{Aggregate, Error};
use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::Status;

use super::{Api, page};
use crate::{
    domain::{Refusal, Shop},
    store::shop::row,
    wire,
};

pub(super) async fn handle(api: &Api, request: &v1::ListStoresRequest) -> Result<v1::ListStoresResponse, Status> {
    let list = ("stores", &request.owner_id);
    let mut check = Violations::new();
    let owner = check.optional_id::<OrganisationId>("owner_id", &request.owner_id);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;

    let mut select = row::Entity::find();
    if let Some(owner) = owner {
        select = select.filter(row::Column::Owner.eq(owner.uuid()));
    }
    if let Some(after) = after {
        select = select.filter(row::Column::Id.lt(after.id));
    }
    let select = select.order_by_desc(row::Column::Id).limit(size + 1);
    let mut rows = select.all(api.store.db()).await.map_err(Error::<Refusal>::from)?;
    let next_page_token = page::cut(&mut rows, size, &list, |row| (0, row.id));
    let shops = rows.into_iter().map(Shop::from_row).collect::<Result<Vec<_>, _>>();
    Ok(v1::ListStoresResponse {
        stores: shops.map_err(Error::<Refusal>::from)?.iter().map(wire::shop::to_proto).collect(),
        next_page_token,
    })
}
