//! Reviews of a buyer, newest first.

use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;

use super::Api;
use crate::{domain::buyer_review::BuyerReview, store::buyer_review::row, wire};

pub(super) async fn handle(api: &Api, request: &v1::ListBuyerReviewsRequest) -> Result<v1::ListBuyerReviewsResponse, Status> {
    let mut check = Violations::new();
    let buyer = check.id::<OrganisationId>("buyer_id", &request.buyer_id);
    let page = check.page(request.page_size, &request.page_token, ("buyer_reviews", &request.buyer_id));
    let buyer = check.finish(buyer)?;

    let select = row::Entity::find()
        .filter(row::Column::Buyer.eq(buyer.uuid()))
        .filter(row::Column::Written.is_not_null());
    let written = |row: &row::Model| row.written.unwrap_or_default();
    let (reviews, next_page_token) = api
        .store
        .latest::<BuyerReview, _>(select, row::Column::Written, written, &page)
        .await?;
    Ok(v1::ListBuyerReviewsResponse {
        reviews: reviews.iter().filter_map(|review| wire::review::of_buyer(review)).collect(),
        next_page_token,
    })
}
