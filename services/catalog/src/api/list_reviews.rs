//! Reviews of a product, newest first.

use ::store::{Aggregate, Error};
use kernel::ProductId;
use proto::catalog::v1;
use runtime::Violations;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::Status;

use super::{Api, page};
use crate::{
    domain::{Refusal, review::Review},
    store::review::row,
    wire,
};

pub(super) async fn handle(api: &Api, request: &v1::ListReviewsRequest) -> Result<v1::ListReviewsResponse, Status> {
    let list = ("reviews", &request.product_id);
    let mut check = Violations::new();
    let product = check.id::<ProductId>("product_id", &request.product_id);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let product = product.expect("a missing id ended the request");

    let mut select = row::Entity::find()
        .filter(row::Column::Product.eq(product.uuid()))
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
    let reviews = rows.into_iter().map(Review::from_row).collect::<Result<Vec<_>, _>>();
    let reviews = reviews.map_err(Error::<Refusal>::from)?;
    Ok(v1::ListReviewsResponse {
        reviews: reviews.iter().filter_map(|review| wire::review::to_proto(review)).collect(),
        next_page_token,
    })
}
