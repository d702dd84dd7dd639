//! A payment, for its payer.

use kernel::{OrganisationId, PaymentId};
use proto::payment::v1::{GetPaymentRequest, Payment};
use runtime::{Problem, auth::principal, parse_id};
use store::Stored;
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::intent::Intent;

pub(super) async fn handle(api: &Api, request: &Request<GetPaymentRequest>) -> Result<Payment, Status> {
    let principal = principal(request)?;
    let id = parse_id::<PaymentId>("payment_id", &request.get_ref().payment_id)?;
    Ok(present::payment(&of_payer(api, principal.organisation, id).await?))
}

/// The payment, if this organisation pays it; nobody else may know that it exists.
pub(super) async fn of_payer(api: &Api, payer: OrganisationId, id: PaymentId) -> Result<Stored<Intent>, Problem> {
    let intent = api.store.get::<Intent>(id).await?.filter(|intent| intent.payer == payer);
    intent.ok_or_else(|| Problem::not_found("payment"))
}
