//! Reviews of a buyer, newest first.

use ::store::page;
use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;

use super::Api;
use crate::{domain::buyer_review::BuyerReview, store::buyer_review::row, wire};

pub(super) async fn handle(api: &Api, request: &v1::ListBuyerReviewsRequest) -> Result<v1::ListBuyerReviewsResponse, Status> {
    let list = ("buyer_reviews", &request.buyer_id);
    let mut check = Violations::new();
    let buyer = check.id::<OrganisationId>("buyer_id", &request.buyer_id);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let buyer = buyer.expect("a missing id ended the request");

    let written = row::Entity::find()
        .filter(row::Column::Buyer.eq(buyer.uuid()))
        .filter(row::Column::Written.is_not_null());
    let select = page::latest_first(written, (row::Column::Written, row::Column::Id), after, size);
    let mut reviews = api.store.select::<BuyerReview>(select).await?;
    let next_page_token = page::cut(&mut reviews, size, &list, |review| {
        let verdict = review.verdict.as_ref();
        (verdict.map_or(0, |verdict| verdict.at.micros()), review.id.uuid())
    });
    Ok(v1::ListBuyerReviewsResponse {
        reviews: reviews.iter().filter_map(|review| wire::review::of_buyer(review)).collect(),
        next_page_token,
    })
}
