//! Reviews of a product, newest first.

use ::store::page;
use kernel::ProductId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::Status;

use super::Api;
use crate::{domain::review::Review, store::review::row, wire};

pub(super) async fn handle(api: &Api, request: &v1::ListReviewsRequest) -> Result<v1::ListReviewsResponse, Status> {
    let list = ("reviews", &request.product_id);
    let mut check = Violations::new();
    let product = check.id::<ProductId>("product_id", &request.product_id);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let product = product.expect("a missing id ended the request");

    let written = row::Entity::find()
        .filter(row::Column::Product.eq(product.uuid()))
        .filter(row::Column::Written.is_not_null());
    let select = page::latest_first(written, (row::Column::Written, row::Column::Id), after, size);
    let mut reviews = api.store.select::<Review>(select).await?;
    let next_page_token = page::cut(&mut reviews, size, &list, |review| {
        let opinion = review.opinion();
        (opinion.map_or(0, |opinion| opinion.at.micros()), review.id.uuid())
    });
    Ok(v1::ListReviewsResponse {
        reviews: reviews.iter().filter_map(|review| wire::review::to_proto(review)).collect(),
        next_page_token,
    })
}
