//! A payment, for its payer.

use kernel::PaymentId;
use proto::payment::v1::{GetPaymentRequest, Payment};
use runtime::{Problem, auth::principal, parse_id};
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::intent::Intent;

pub(super) async fn handle(api: &Api, request: &Request<GetPaymentRequest>) -> Result<Payment, Status> {
    let principal = principal(request)?;
    let id = parse_id::<PaymentId>("payment_id", &request.get_ref().payment_id)?;
    let intent = api
        .store
        .get::<Intent>(id)
        .await?
        .filter(|intent| intent.payer == principal.organisation);
    Ok(present::payment(&intent.ok_or_else(|| Problem::not_found("payment"))?))
}
