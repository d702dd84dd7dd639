//! Reviews of a product, newest first.

use kernel::ProductId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;

use super::Api;
use crate::{domain::review::Review, store::review::row, wire};

pub(super) async fn handle(api: &Api, request: &v1::ListReviewsRequest) -> Result<v1::ListReviewsResponse, Status> {
    let mut check = Violations::new();
    let product = check.id::<ProductId>("product_id", &request.product_id);
    let page = check.page(request.page_size, &request.page_token, ("reviews", &request.product_id));
    let product = check.finish(product)?;

    let select = row::Entity::find()
        .filter(row::Column::Product.eq(product.uuid()))
        .filter(row::Column::Written.is_not_null());
    let written = |row: &row::Model| row.written.unwrap_or_default();
    let (reviews, next_page_token) = api.store.latest::<Review, _>(select, row::Column::Written, written, &page).await?;
    Ok(v1::ListReviewsResponse {
        reviews: reviews.iter().filter_map(|review| wire::review::to_proto(review)).collect(),
        next_page_token,
    })
}
