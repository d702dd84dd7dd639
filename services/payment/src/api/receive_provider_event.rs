//! A provider's callback, signed as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`. It may come before the provider's own
//! answer, twice, late or never; what it says is a fact like any other answer.

use std::str::FromStr;

use kernel::{InvalidId, Money};
use proto::payment::v1::{ReceiveProviderEventRequest, ReceiveProviderEventResponse};
use runtime::{Problem, webhooks::Headers};
use serde::Deserialize;
use tonic::{Request, Status};

use super::Api;
use crate::{
    domain::{Refusal, attempt::ChargeOutcome},
    paying_out,
    providers::PayoutOutcome,
};

/// What the sandbox provider tells, of a payment or of a payout.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    #[serde(default)]
    payment_id: String,
    /// Which attempt of the payment.
    #[serde(default)]
    attempt: i64,
    #[serde(default)]
    payout_id: String,
    /// `captured` or `declined`; of a payout, `paid`, `failed` or `returned`.
    outcome: String,
    /// What was captured, in minor units.
    #[serde(default)]
    minor_units: i64,
    #[serde(default)]
    currency: String,
    /// Why it was declined, failed or returned, in the provider's words.
    #[serde(default)]
    reason: String,
}

pub(super) async fn handle(api: &Api, request: Request<ReceiveProviderEventRequest>) -> Result<ReceiveProviderEventResponse, Status> {
    let (metadata, _, request) = request.into_parts();
    if request.provider != "sandbox" || api.charging.provider().is_err() {
        return Err(Problem::not_found("provider").into());
    }
    let body = request.body.map(|body| body.data).unwrap_or_default();
    let unverified = || Problem::unauthenticated("this provider has no secret, so its callbacks cannot be verified");
    let verifier = api.callbacks.as_ref().ok_or_else(unverified)?;
    verifier.verify(Headers::of(&metadata), &body, api.now()).map_err(Problem::from)?;
    let callback: Callback = serde_json::from_slice(&body).map_err(|error| Problem::invalid_field("body", error.to_string()))?;
    match (callback.payment_id.as_str(), callback.payout_id.as_str()) {
        (payment, "") => {
            let id = parse("payment_id", payment)?;
            let attempt = u32::try_from(callback.attempt).map_err(|_| Problem::from(Refusal::NoSuchAttempt))?;
            api.charging.heard(id, attempt, charge(callback)?).await?;
        }
        ("", payout) => paying_out::heard(&api.store, parse("payout_id", payout)?, sent(callback)?).await?,
        _ => return Err(Problem::invalid_field("payout_id", "must not be set together with payment_id").into()),
    }
    Ok(ReceiveProviderEventResponse {})
}

fn parse<I: FromStr<Err = InvalidId>>(field: &str, id: &str) -> Result<I, Problem> {
    id.parse()
        .map_err(|error: InvalidId| Problem::invalid_field(field, error.to_string()))
}

/// What became of a charge.
fn charge(callback: Callback) -> Result<ChargeOutcome, Problem> {
    match callback.outcome.as_str() {
        "captured" => {
            let currency = callback
                .currency
                .parse()
                .map_err(|_| Problem::invalid_field("currency", "not an ISO 4217 currency code"))?;
            let amount = Money::new(callback.minor_units, currency);
            if !amount.is_positive() {
                return Err(Problem::invalid_field("minor_units", "must be greater than zero"));
            }
            // Another amount than ours goes into the payer's wallet, where more than anybody can pay would leave no room for what is due.
            if !amount.is_payable() {
                return Err(Problem::invalid_field("minor_units", "must be at most 1,000,000,000,000,000"));
            }
            Ok(ChargeOutcome::Captured(amount))
        }
        "declined" => Ok(ChargeOutcome::Declined(callback.reason)),
        _ => Err(Problem::invalid_field("outcome", "must be captured or declined")),
    }
}

/// What became of a payout.
fn sent(callback: Callback) -> Result<PayoutOutcome, Problem> {
    match callback.outcome.as_str() {
        "paid" => Ok(PayoutOutcome::Paid),
        "failed" | "returned" => Ok(PayoutOutcome::Failed(callback.reason)),
        _ => Err(Problem::invalid_field("outcome", "must be paid, failed or returned")),
    }
}
