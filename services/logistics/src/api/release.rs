//! Order gives back what a checkout reserved.

use kernel::CheckoutId;
use proto::logistics::v1::{ReleaseRequest, ReleaseResponse};
use runtime::{Problem, Violations};
use store::Cause;
use tonic::Status;

use super::Api;
use crate::{problem::status, told};

pub(super) async fn handle(api: &Api, request: ReleaseRequest) -> Result<ReleaseResponse, Status> {
    let mut violations = Violations::new();
    let checkout = violations.id::<CheckoutId>("checkout_id", &request.checkout_id);
    violations.check()?;
    let checkout = checkout.ok_or_else(|| Problem::not_found("checkout"))?;
    let released = told::release_checkout(&api.store, Cause::step("release", checkout), checkout).await;
    released.map_err(status)?;
    Ok(ReleaseResponse {})
}
