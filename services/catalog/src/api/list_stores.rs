//! Stores, newest first, all or one organisation's.

use ::store::page;
use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;

use super::Api;
use crate::{domain::Shop, store::shop::row, wire};

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
    let select = page::newest_first(select, row::Column::Id, after, size);
    let mut shops = api.store.select::<Shop>(select).await?;
    let next_page_token = page::cut(&mut shops, size, &list, |shop| (0, shop.id.uuid()));
    Ok(v1::ListStoresResponse {
        stores: shops.iter().map(wire::shop::to_proto).collect(),
        next_page_token,
    })
}
