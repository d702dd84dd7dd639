//! Reviews of a buyer, newest first.

use ::store::{Aggregate, Error};
use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::Status;

use super::{Api, page};
use crate::{
    domain::{Refusal, buyer_review::BuyerReview},
    store::buyer_review::row,
    wire,
};

pub(super) async fn handle(api: &Api, request: &v1::ListBuyerReviewsRequest) -> Result<v1::ListBuyerReviewsResponse, Status> {
    let list = ("buyer_reviews", &request.buyer_id);
    let mut check = Violations::new();
    let buyer = check.id::<OrganisationId>("buyer_id", &request.buyer_id);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let buyer = buyer.expect("a missing id ended the request");

    let mut select = row::Entity::find()
        .filter(row::Column::Buyer.eq(buyer.uuid()))
        .filter(row::Column::Written.is_not_null());
    if let Some(after) = after {
        let together = Condition::all()
            .add(row::Column::Written.eq(after.position))
            .add(row::Column::Id.lt(after.id));
        select = select.filter(Condition::any().add(row::Column::Written.lt(after.position)).add(together));
    }
    let select = select
        .order_by_desc(row::Column::Written)
        .order_by_desc(row::Column::Id)
        .limit(size + 1);
    let mut rows = select.all(api.store.db()).await.map_err(Error::<Refusal>::from)?;
    let next_page_token = page::cut(&mut rows, size, &list, |row| (row.written.unwrap_or_default(), row.id));
    let reviews = rows.into_iter().map(BuyerReview::from_row).collect::<Result<Vec<_>, _>>();
    let reviews = reviews.map_err(Error::<Refusal>::from)?;
    Ok(v1::ListBuyerReviewsResponse {
        reviews: reviews.iter().filter_map(|review| wire::review::of_buyer(review)).collect(),
        next_page_token,
    })
}
