//! A payment, for its payer.

use kernel::PaymentId;
use proto::payment::v1::{GetPaymentRequest, Payment};
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::intent::Intent;

pub(super) async fn handle(api: &Api, request: &Request<GetPaymentRequest>) -> Result<Payment, Status> {
    let principal = principal(request)?;
    let mut check = Violations::new();
    let id = check.id::<PaymentId>("payment_id", &request.get_ref().payment_id);
    check.check()?;
    let id = id.expect("a missing id ended the request");
    let intent = api
        .store
        .get::<Intent>(id)
        .await?
        .filter(|intent| intent.payer == principal.organisation);
    Ok(present::payment(&intent.ok_or_else(|| Problem::not_found("payment"))?))
}
