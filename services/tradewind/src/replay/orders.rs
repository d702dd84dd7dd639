//! One order of the files, from quotations to where it ended.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use kernel::Clock;
use runtime::SystemClock;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    files::{FileOrder, Item, Payment, Status},
    people::People,
};
use crate::client::{Person, money, number, text};

/// How long an order may take to get from one state to the next.
const PATIENCE: Duration = Duration::from_secs(120);

/// The sandbox carrier: it signs what it reports.
pub(crate) struct Carrier {
    /// The key behind the Standard Webhooks secret.
    pub(crate) key: Vec<u8>,
    /// Where it reports.
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
}

/// Replays an order; the orders in the system that it became.
pub(crate) async fn replay(people: &People, carrier: &Carrier, order: &FileOrder) -> Result<Vec<String>> {
    let buyer = people.customer(&order.customer).await?;
    let mut quotations = Vec::new();
    for (seller, items) in order.by_seller() {
        quotations.push(quote(people, &buyer, order, seller, &items).await?);
    }
    let quotations: Vec<&str> = quotations.iter().map(String::as_str).collect();
    let checkout = buyer.check_out(&format!("checkout {}", order.id), &[], &quotations, "BR").await?;
    let total = number(&checkout["total"], "minorUnits");
    ensure!(total == order.paid(), "the checkout costs {total} and not {}", order.paid());
    let placed: Vec<(String, String)> = checkout["orders"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|placed| (text(placed, "id"), text(placed, "sellerId")))
        .collect();
    if order.status != Status::Unpaid {
        pay(&buyer, order, &text(&checkout, "paymentId")).await?;
        for (id, seller) in &placed {
            wait(&buyer, id, &["PAID", "SHIPPED", "DELIVERED", "ACCEPTED", "COMPLETED", "CANCELLED"]).await?;
            go_on(people, carrier, &buyer, order, id, seller).await?;
        }
    }
    Ok(placed.into_iter().map(|(id, _)| id).collect())
}

async fn quote(people: &People, buyer: &Person, order: &FileOrder, seller: &str, items: &[&Item]) -> Result<String> {
    let person = people.seller(seller).await?;
    let mut lines = Vec::new();
    for item in items {
        let variant = people.variant(seller, &item.product).await?;
        lines.push(
            json!({ "variantId": variant, "quantity": item.quantity.to_string(), "price": money(item.price, "BRL"), "unitQuantity": "1" }),
        );
    }
    let freight: i64 = items.iter().map(|item| item.freight).sum();
    let expires = SystemClock.now().micros() / 86_400_000_000 + 30;
    let key = format!("quote {} {seller}", order.id);
    let body = |expires: i64| {
        json!({
            "buyerId": buyer.organisation,
            "lines": lines,
            "freight": money(freight, "BRL"),
            "expireTime": kernel::Time::from_micros(expires * 86_400_000_000).to_string(),
        })
    };
    // Asked again on another day, the same key carries another expiry.
    match person.client.post("/v1/quotations", &key, body(expires)).await {
        Err(error) if error.reason() == "IDEMPOTENCY_KEY_REUSED" => {
            Ok(text(&person.client.post("/v1/quotations", &key, body(expires - 1)).await?, "id"))
        }
        quoted => Ok(text(&quoted?, "id")),
    }
}

/// Several payments are several top-ups by the file's means, then one payment from the wallet.
async fn pay(buyer: &Person, order: &FileOrder, payment: &str) -> Result<()> {
    for (place, paid) in order.payments.iter().enumerate().filter(|(_, paid)| paid.value > 0) {
        let key = format!("top up {} {place}", order.id);
        let body = json!({ "amount": money(paid.value, "BRL"), "method": method(paid, &order.id) });
        let topped = buyer.client.post("/v1/wallets:topUp", &key, body).await?;
        ensure!(
            text(&topped, "state") == "PAYMENT_STATE_SUCCEEDED",
            "the top-up is {}",
            text(&topped, "state")
        );
    }
    buyer.pay(&format!("pay {}", order.id), payment).await?;
    Ok(())
}

fn method(paid: &Payment, order: &str) -> Value {
    match paid.means.as_str() {
        "voucher" => json!({ "voucher": { "code": format!("SANDBOX-{order}") } }),
        "boleto" => json!({ "bankTransfer": {} }),
        _ => json!({ "card": { "token": "tok_visa" } }),
    }
}

/// From paid to where the file says that it ended.
async fn go_on(people: &People, carrier: &Carrier, buyer: &Person, order: &FileOrder, id: &str, seller: &str) -> Result<()> {
    match order.status {
        Status::Unpaid | Status::Paid => Ok(()),
        Status::Cancelled => {
            let path = format!("/v1/orders/{id}:cancel");
            buyer
                .client
                .post(&path, &format!("cancel {id}"), json!({ "reason": "cancelled in the files" }))
                .await?;
            wait(buyer, id, &["CANCELLED"]).await
        }
        Status::InTransit | Status::Completed => {
            let number = ship(people, order, id, seller).await?;
            wait(buyer, id, &["SHIPPED", "DELIVERED", "ACCEPTED", "COMPLETED"]).await?;
            if order.status == Status::InTransit {
                return carrier.report(&number, &["in_transit"]).await;
            }
            carrier.report(&number, &["in_transit", "delivered"]).await?;
            wait(buyer, id, &["DELIVERED", "ACCEPTED", "COMPLETED"]).await?;
            buyer
                .client
                .post(&format!("/v1/orders/{id}:accept"), &format!("accept {id}"), json!({}))
                .await?;
            wait(buyer, id, &["COMPLETED"]).await
        }
    }
}

/// Every seller of an order is asked whether this one is theirs: the answer names organisations, the files name sellers.
async fn ship(people: &People, order: &FileOrder, id: &str, organisation: &str) -> Result<String> {
    for seller in order.by_seller().keys() {
        let person = people.seller(seller).await?;
        if person.organisation == organisation {
            let path = format!("/v1/orders/{id}/shipments");
            let started = tokio::time::Instant::now();
            loop {
                match person
                    .client
                    .post(&path, &format!("ship {id}"), json!({ "carrier": "sandbox" }))
                    .await
                {
                    Ok(shipment) => return Ok(text(&shipment["parcels"][0], "trackingNumber")),
                    // Logistics has not heard of the payment yet, after a crash of somebody in between: the seller tries again.
                    Err(error) if error.reason() == "NOT_SHIPPABLE" && started.elapsed() < PATIENCE => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    bail!("no seller of order {} is {organisation}", order.id)
}

async fn wait(person: &Person, id: &str, states: &[&str]) -> Result<()> {
    let started = tokio::time::Instant::now();
    loop {
        let order = person.order(id).await?;
        let state = text(&order, "state");
        if states.iter().any(|wanted| state.strip_prefix("ORDER_STATE_") == Some(wanted)) {
            return Ok(());
        }
        ensure!(started.elapsed() < PATIENCE, "{id} is {state} and not {}", states.join(" or "));
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

impl Carrier {
    async fn report(&self, tracking_number: &str, statuses: &[&str]) -> Result<()> {
        let now = SystemClock.now();
        let events: Vec<Value> = statuses
            .iter()
            .enumerate()
            .map(|(place, status)| {
                let at = now.plus(Duration::from_secs(place as u64)).to_string();
                json!({ "id": format!("{tracking_number} {status}"), "tracking_number": tracking_number, "status": status, "occurred_at": at })
            })
            .collect();
        let body = json!({ "events": events }).to_string();
        let seconds = now.micros() / 1_000_000;
        for _ in 0..20 {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)?;
            mac.update(format!("{tracking_number}.{seconds}.{body}").as_bytes());
            let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
            let request = self
                .http
                .post(&self.url)
                .header("content-type", "application/json")
                .header("webhook-id", tracking_number);
            let request = request
                .header("webhook-timestamp", seconds.to_string())
                .header("webhook-signature", signature)
                .body(body.clone());
            match request.send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) if answer.status().is_client_error() => bail!("the report was refused: {}", answer.text().await?),
                // A carrier reports again until it is heard.
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            }
        }
        bail!("nobody hears the carrier")
    }
}
