//! A provider's callback, signed as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`. It may come before the provider's own answer,
//! twice, late or never; what it says is a fact like any other answer.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use kernel::{Money, PaymentId};
use proto::payment::v1::{ReceiveProviderEventRequest, ReceiveProviderEventResponse};
use runtime::{Problem, Secret};
use serde::Deserialize;
use tonic::{Request, Status, metadata::MetadataMap};

use super::Api;
use crate::domain::intent::Charge;

/// How far a callback's clock may be off (Standard Webhooks 1.0).
const TOLERANCE: Duration = Duration::from_secs(300);

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
    if request.provider != "sandbox" {
        return Err(Problem::not_found("provider").into());
    }
    let body = request.body.map(|body| body.data).unwrap_or_default();
    let now = api.now().micros() / 1_000_000;
    if !signed(&api.webhook_secret, &metadata, &body, now) {
        return Err(Problem::unauthenticated("the callback's signature is not valid").into());
    }
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

/// Nothing is signed while no secret is set.
fn signed(secret: &Secret, metadata: &MetadataMap, body: &[u8], now_s: i64) -> bool {
    let text = |name: &str| metadata.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(timestamp), Some(signatures)) = (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature")) else {
        return false;
    };
    let fresh = timestamp.parse::<i64>().is_ok_and(|at| at.abs_diff(now_s) <= TOLERANCE.as_secs());
    let secret = secret.reveal();
    let Ok(key) = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)) else {
        return false;
    };
    if key.is_empty() || !fresh {
        return false;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let message = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let mut candidates = signatures
        .split(' ')
        .filter_map(|signature| BASE64_STANDARD.decode(signature.strip_prefix("v1,")?).ok());
    candidates.any(|candidate| hmac::verify(&key, &message, &candidate).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(signature: &str) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        metadata.insert("webhook-id", "msg_1".parse().unwrap());
        metadata.insert("webhook-timestamp", "1000".parse().unwrap());
        metadata.insert("webhook-signature", signature.parse().unwrap());
        metadata
    }

    fn sign(secret: &[u8], body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, &[b"msg_1.1000.", body].concat());
        format!("v1,{}", BASE64_STANDARD.encode(tag))
    }

    #[test]
    fn only_what_the_secret_signed_lately_is_taken() {
        let secret = Secret::new(BASE64_STANDARD.encode(b"a secret"));
        let good = metadata(&sign(b"a secret", b"body"));
        assert!(signed(&secret, &good, b"body", 1_010));
        assert!(!signed(&secret, &good, b"other", 1_010));
        assert!(!signed(&secret, &good, b"body", 1_301));
        assert!(!signed(&secret, &metadata(&sign(b"another", b"body")), b"body", 1_010));
        assert!(!signed(&secret, &MetadataMap::new(), b"body", 1_010));
    }

    #[test]
    fn nothing_is_taken_while_no_secret_is_set() {
        assert!(!signed(&Secret::default(), &metadata(&sign(b"", b"body")), b"body", 1_010));
    }
}
