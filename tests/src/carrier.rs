//! The sandbox carrier: reports what happens to parcels, signed as Standard Webhooks 1.0 says.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::Ecosystem;

/// Reports to one ecosystem.
pub struct Carrier {
    url: String,
    key: Vec<u8>,
}

impl Carrier {
    /// A carrier that knows the ecosystem's secret.
    pub fn of(ecosystem: &Ecosystem) -> Self {
        let secret = ecosystem.webhook_secret();
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        Self {
            url: format!("{}/v1/carriers/sandbox/events", ecosystem.url()),
            key,
        }
    }

    /// Reports events of a parcel: pairs of the event's id and its status, a minute apart.
    ///
    /// # Panics
    /// When the report is refused.
    pub async fn report(&self, tracking_number: &str, events: &[(&str, &str)]) {
        let events: Vec<Value> = events
            .iter()
            .enumerate()
            .map(|(minute, (id, status))| {
                let id = format!("{tracking_number} {id}");
                json!({ "id": id, "tracking_number": tracking_number, "status": status, "occurred_at": format!("2026-11-23T10:{minute:02}:00Z") })
            })
            .collect();
        let body = json!({ "events": events }).to_string();
        let seconds = std::process::Command::new("date").arg("+%s").output().unwrap();
        let seconds = String::from_utf8(seconds.stdout).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap();
        mac.update(format!("{tracking_number}.{}.{body}", seconds.trim()).as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        let request = reqwest::Client::new()
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", tracking_number)
            .header("webhook-timestamp", seconds.trim())
            .header("webhook-signature", signature)
            .body(body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{status}: {}", answer.text().await.unwrap());
    }
}
