//! Order gives back what a checkout reserved.

use kernel::CheckoutId;
use proto::logistics::v1::{ReleaseRequest, ReleaseResponse};
use runtime::parse_id;
use store::Cause;
use tonic::Status;

use super::Api;
use crate::told;

pub(super) async fn handle(api: &Api, request: ReleaseRequest) -> Result<ReleaseResponse, Status> {
    let checkout = parse_id::<CheckoutId>("checkout_id", &request.checkout_id)?;
    told::release_checkout(&api.store, Cause::step("release", checkout), checkout).await?;
    Ok(ReleaseResponse {})
}
