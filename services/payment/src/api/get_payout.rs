//! A payout, for its owner.

use kernel::PayoutId;
use proto::payment::v1::{GetPayoutRequest, Payout as PayoutMessage};
use runtime::{Problem, auth::principal, parse_id};
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::payout::Payout;

pub(super) async fn handle(api: &Api, request: &Request<GetPayoutRequest>) -> Result<PayoutMessage, Status> {
    let principal = principal(request)?;
    let id = parse_id::<PayoutId>("payout_id", &request.get_ref().payout_id)?;
    let payout = api
        .store
        .get::<Payout>(id)
        .await?
        .filter(|payout| payout.owner == principal.organisation);
    Ok(present::payout(&payout.ok_or_else(|| Problem::not_found("payout"))?))
}
