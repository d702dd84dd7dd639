//! A review.

use kernel::ReviewId;
use proto::catalog::v1;
use runtime::{Problem, Violations};
use tonic::Status;

use super::Api;
use crate::{domain::review::Review, wire};

pub(super) async fn handle(api: &Api, request: &v1::GetReviewRequest) -> Result<v1::Review, Status> {
    let mut check = Violations::new();
    let id = check.id::<ReviewId>("review_id", &request.review_id);
    check.check()?;
    let id = id.expect("a missing id ended the request");
    let review = api.store.get::<Review>(id).await?;
    let review = review.as_deref().and_then(wire::review::to_proto);
    Ok(review.ok_or_else(|| Problem::not_found("review"))?)
}
