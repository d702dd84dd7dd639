//! Stores, newest first, all or one organisation's.

use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;

use super::Api;
use crate::{domain::Shop, store::shop::row, wire};

pub(super) async fn handle(api: &Api, request: &v1::ListStoresRequest) -> Result<v1::ListStoresResponse, Status> {
    let mut check = Violations::new();
    let owner = check.optional_id::<OrganisationId>("owner_id", &request.owner_id);
    let page = check.page(request.page_size, &request.page_token, ("stores", &request.owner_id));
    check.finish(())?;

    let mut select = row::Entity::find();
    if let Some(owner) = owner {
        select = select.filter(row::Column::Owner.eq(owner.uuid()));
    }
    let (shops, next_page_token) = api.store.newest::<Shop, _>(select, &page).await?;
    Ok(v1::ListStoresResponse {
        stores: shops.iter().map(wire::shop::to_proto).collect(),
        next_page_token,
    })
}
