//! Sends money from the wallet to a bank account: it is bound at once, and the bank is asked afterwards.

use kernel::PayoutId;
use proto::payment::v1::{CreatePayoutRequest, Payout as PayoutMessage};
use runtime::{Violations, auth::principal};
use store::{Cause, Stored};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Refusal, payout::Payout},
    paying_out,
};

pub(super) async fn handle(api: &Api, request: &Request<CreatePayoutRequest>) -> Result<PayoutMessage, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let amount = check.positive_money("amount", request.amount.as_ref());
    let bank_account_token = check.text("bank_account_token", &request.bank_account_token, 1..=200);
    let amount = check.finish(amount)?;

    let now = api.now();
    let owner = principal.organisation;
    let payout = Payout::request(PayoutId::at(now), owner, amount, bank_account_token, now);
    let nobody = api.charging.provider().err();
    let cause = Cause::request(owner, "CreatePayout", &request.request_id, request);
    let created = api
        .store
        .execute::<PayoutMessage, Refusal, _>(cause, paying_out::keys(&payout), move |work| {
            if let Some(refusal) = &nobody {
                return Err(refusal.clone());
            }
            paying_out::begin(work, &payout)?;
            Ok(present::payout(&Stored::first(payout.clone())))
        });
    Ok(created.await?)
}
