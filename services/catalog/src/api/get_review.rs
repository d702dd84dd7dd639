//! A review.

use kernel::ReviewId;
use proto::catalog::v1;
use runtime::{Problem, parse_id};
use tonic::Status;

use super::Api;
use crate::{domain::review::Review, wire};

pub(super) async fn handle(api: &Api, request: &v1::GetReviewRequest) -> Result<v1::Review, Status> {
    let id = parse_id::<ReviewId>("review_id", &request.review_id)?;
    let review = api.store.get::<Review>(id).await?;
    let review = review.as_deref().and_then(wire::review::to_proto);
    Ok(review.ok_or_else(|| Problem::not_found("review"))?)
}
