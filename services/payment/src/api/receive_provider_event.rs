//! A provider's callback, signed as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`. It may come before the provider's own answer,
//! twice, late or never; what it says is a fact like any other answer.

use kernel::{Money, PaymentId};
use proto::payment::v1::{ReceiveProviderEventRequest, ReceiveProviderEventResponse};
use runtime::{Problem, webhooks::Headers};
use serde::Deserialize;
use tonic::{Request, Status};

use super::Api;
use crate::domain::intent::Charge;

/// What the sandbox provider tells.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    payment_id: String,
    attempt: u32,
    /// `captured` or `declined`.
    outcome: String,
    /// What was captured, in minor units.
    #[serde(default)]
    minor_units: i64,
    #[serde(default)]
    currency: String,
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
    let id: PaymentId = callback
        .payment_id
        .parse()
        .map_err(|error: kernel::InvalidId| Problem::invalid_field("payment_id", error.to_string()))?;
    let charge = match callback.outcome.as_str() {
        "captured" => {
            let currency = callback
                .currency
                .parse()
                .map_err(|_| Problem::invalid_field("currency", "not an ISO 4217 currency code"))?;
            if callback.minor_units <= 0 {
                return Err(Problem::invalid_field("minor_units", "must be more than nothing").into());
            }
            Charge::Captured(Money::new(callback.minor_units, currency))
        }
        "declined" => Charge::Declined(callback.reason),
        _ => return Err(Problem::invalid_field("outcome", "must be captured or declined").into()),
    };
    api.charging.heard(id, callback.attempt, charge).await?;
    Ok(ReceiveProviderEventResponse {})
}
