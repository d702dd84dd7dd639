//! The sandbox carrier: reports what happens to parcels, signed as Standard Webhooks 1.0 says.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Clock, Time};
use reqwest::{Method, StatusCode, header::HeaderName};
use runtime::SystemClock;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::{Instant, sleep};

use super::{Client, Error, Exchange, PATIENCE, Problem, Request, passes};

const PATH: &str = "/v1/carriers/sandbox/events";

/// A carrier that is not heard reports again, for as long as others here send again.
const WAIT: Duration = Duration::from_millis(300);

/// Reports to one ecosystem, whose secret it knows.
#[derive(Clone, Debug)]
pub struct Carrier {
    client: Client,
    key: Vec<u8>,
}

/// What happened to a parcel.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What the carrier calls it; the same id twice is the same event.
    pub id: &'a str,
    /// A shipment's state as carriers write it, such as `in_transit`.
    pub status: &'a str,
    /// How long after the first report of the parcel it happened.
    pub after: Duration,
}

impl Carrier {
    /// A carrier that knows the secret in an ecosystem's data folder.
    ///
    /// # Errors
    /// A folder without keys.
    pub fn of(data: &Path, gateway: &Client) -> Result<Self> {
        let path = data.join("keys.json");
        let keys = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let keys: Value = serde_json::from_str(&keys).with_context(|| format!("reading {}", path.display()))?;
        let secret = keys["webhook_secret"].as_str().and_then(|secret| secret.strip_prefix("whsec_"));
        Ok(Self {
            client: gateway.clone(),
            key: BASE64_STANDARD.decode(secret.context("no webhook secret among the keys")?)?,
        })
    }

    /// The same, with somebody who sees every report.
    #[must_use]
    pub fn observed(&self, see: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        Self {
            client: self.client.observed(see),
            key: self.key.clone(),
        }
    }

    /// Reports on a parcel that it took over at this time.
    ///
    /// # Errors
    /// What the gateway says, also of one event alone, or that nobody hears the carrier.
    pub async fn report(&self, tracking_number: &str, taken_over: Time, reports: &[Report<'_>]) -> Result<Value, Error> {
        let events: Vec<Value> = reports
            .iter()
            .map(|report| {
                json!({
                    "id": format!("{tracking_number} {}", report.id),
                    "tracking_number": tracking_number,
                    "status": report.status,
                    "occurred_at": taken_over.plus(report.after).to_string(),
                })
            })
            .collect();
        let body = json!({ "events": events }).to_string();
        // One delivery of the carrier's, however often it is tried; what was told before is known by the events' own ids.
        let id = format!("msg_{:032x}", rand::random::<u128>());
        let started = Instant::now();
        loop {
            let request = self.signed(&id, &body);
            let given_up = started.elapsed() >= PATIENCE;
            match self.client.exchange(&request).await {
                Ok(exchange) if given_up || !(exchange.status.is_server_error() || passes(exchange.status)) => {
                    return taken_in(self.client.told(&exchange)?);
                }
                Err(error) if given_up => return Err(error),
                Ok(_) | Err(_) => sleep(WAIT).await,
            }
        }
    }

    fn signed(&self, id: &str, body: &str) -> Request<'static> {
        let seconds = SystemClock.now().micros() / 1_000_000;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length will do");
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        let mut request = Request::new(Method::POST, PATH);
        request.header(HeaderName::from_static("webhook-id"), id);
        request.header(HeaderName::from_static("webhook-timestamp"), &seconds.to_string());
        request.header(HeaderName::from_static("webhook-signature"), &signature);
        request.body = Some(body.to_owned());
        request
    }
}

/// Of a delivery the good events are taken in and the others are not: each of ours is a good one.
fn taken_in(answer: Value) -> Result<Value, Error> {
    match answer["refused"].as_array().filter(|refused| !refused.is_empty()) {
        Some(refused) => Err(Error::Problem(Problem {
            status: StatusCode::OK,
            reason: "EVENTS_REFUSED".to_owned(),
            detail: Value::from(refused.clone()).to_string(),
        })),
        None => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_was_refused_is_an_error_though_others_were_taken_in() {
        let refused =
            json!({ "accepted": 1, "refused": [{ "place": 1, "fields": [{ "field": "status", "description": "must be known" }] }] });
        let error = taken_in(refused).unwrap_err();
        assert_eq!(error.reason(), "EVENTS_REFUSED");
        assert!(error.to_string().contains("must be known"), "{error}");
        for good in [json!({ "accepted": 2 }), json!({ "accepted": 2, "refused": [] })] {
            assert_eq!(taken_in(good.clone()).unwrap(), good);
        }
    }
}
