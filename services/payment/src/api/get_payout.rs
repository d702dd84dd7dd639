//! A payout, for its owner.

use kernel::PayoutId;
use proto::payment::v1::{GetPayoutRequest, Payout as PayoutMessage};
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::payout::Payout;

pub(super) async fn handle(api: &Api, request: &Request<GetPayoutRequest>) -> Result<PayoutMessage, Status> {
    let principal = principal(request)?;
    let mut check = Violations::new();
    let id = check.id::<PayoutId>("payout_id", &request.get_ref().payout_id);
    check.check()?;
    let id = id.expect("a missing id ended the request");
    let payout = api
        .store
        .get::<Payout>(id)
        .await?
        .filter(|payout| payout.owner == principal.organisation);
    Ok(present::payout(&payout.ok_or_else(|| Problem::not_found("payout"))?))
}
