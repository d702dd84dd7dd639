//! The children of a category, or the roots, oldest first.

use kernel::{CategoryId, PageToken};
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::Status;

use super::Api;
use crate::{domain::Category, store::category::row, wire};

pub(super) async fn handle(api: &Api, request: &v1::ListCategoriesRequest) -> Result<v1::ListCategoriesResponse, Status> {
    let mut check = Violations::new();
    let parent = check.optional_id::<CategoryId>("parent_id", &request.parent_id);
    let page = check.page(request.page_size, &request.page_token, ("categories", &request.parent_id));
    check.finish(())?;

    let mut select = match parent {
        Some(parent) => row::Entity::find().filter(row::Column::Parent.eq(parent.uuid())),
        None => row::Entity::find().filter(row::Column::Parent.is_null()),
    };
    if let Some(after) = page.after() {
        select = select.filter(row::Column::Id.gt(after.id));
    }
    let select = select.order_by_asc(row::Column::Id).limit(page.limit());
    let mut categories = api.store.select::<Category>(select).await?;
    let next_page_token = page.cut(&mut categories, |category| PageToken::at(category.id));
    Ok(v1::ListCategoriesResponse {
        categories: categories.iter().map(wire::category::to_proto).collect(),
        next_page_token,
    })
}
