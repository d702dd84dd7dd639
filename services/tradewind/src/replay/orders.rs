//! One order of the files, from quotations to where it ended.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use kernel::Clock;
use runtime::SystemClock;
use serde_json::{Value, json};

use super::{
    files::{FileOrder, Item, Payment, Status},
    journal::{Begun, Journal},
    people::{People, address},
};
use crate::client::{Carrier, Person, Report, money, number, text};

/// How long an order may take to get from one state to the next.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often an order is checked out, when each time it takes too long.
const TURNS: u32 = 10;

/// How long a quotation is good.
const QUOTED_DAYS: i64 = 30;

const DAY_MICROS: i64 = 86_400_000_000;

/// How every note on received pieces begins; the id of the order that they are for follows.
pub(super) const RECEIVED_FOR: &str = "for order ";

/// Replays an order, from where it stands.
pub(crate) async fn replay(people: &People, carrier: &Carrier, journal: &Journal, order: &FileOrder) -> Result<()> {
    if journal.is_done(&order.id) {
        return Ok(());
    }
    let buyer = people.customer(&order.customer).await?;
    let begun = match journal.begun(&order.id) {
        Some(begun) => begun,
        None => {
            let begun = place(people, &buyer, order).await?;
            journal.begin(&order.id, &begun)?;
            begun
        }
    };
    if order.status != Status::Unpaid {
        pay(&buyer, journal, order, &begun.payment).await?;
        for (id, seller) in &begun.placed {
            wait(&buyer, id, &["PAID", "SHIPPED", "DELIVERED", "ACCEPTED", "COMPLETED", "CANCELLED"]).await?;
            go_on(people, carrier, &buyer, order, id, seller).await?;
        }
    }
    journal.done(&order.id)
}

/// Puts the pieces that the order takes on the shelves, has every seller issue a quotation, and checks out.
async fn place(people: &People, buyer: &Person, order: &FileOrder) -> Result<Begun> {
    let mut quotations = Vec::new();
    for (seller, items) in order.by_seller() {
        receive(people, order, seller, &items).await?;
        quotations.push(quote(people, buyer, order, seller, &items).await?);
    }
    let body = json!({ "quotationIds": quotations, "shipTo": address("Receiving", &order.ship_to) });
    let checkout = check_out(buyer, &order.id, body).await?;
    let total = number(&checkout["total"], "minorUnits");
    ensure!(total == order.paid(), "the checkout costs {total} and not {}", order.paid());
    let placed = checkout["orders"].as_array().into_iter().flatten();
    Ok(Begun {
        customer: order.customer.clone(),
        payment: text(&checkout, "paymentId"),
        placed: placed.map(|placed| (text(placed, "id"), text(placed, "sellerId"))).collect(),
    })
}

/// Checks out. A checkout that was under way when everything went down, for so long that it was taken back, has given its quotations back
/// and stays failed under its key: the next one has another.
async fn check_out(buyer: &Person, order: &str, body: Value) -> Result<Value> {
    for turn in 1..=TURNS {
        let key = if turn == 1 {
            format!("checkout {order}")
        } else {
            format!("checkout {order} turn {turn}")
        };
        match buyer.client.post("/v1/checkouts", &key, body.clone()).await {
            Err(error) if error.reason() == "TIMED_OUT" => {}
            checkout => return Ok(checkout?),
        }
    }
    bail!("the checkout took too long {TURNS} times")
}

async fn receive(people: &People, order: &FileOrder, seller: &str, items: &[&Item]) -> Result<()> {
    let person = people.seller(seller).await?;
    let path = format!("/v1/warehouses/{}/stock:receive", people.warehouse(seller).await?);
    for item in items {
        let variant = people.variant(seller, &item.product).await?;
        let body = json!({ "variantId": variant, "quantity": item.quantity.to_string(), "note": received_for(&order.id) });
        let key = format!("receive {} {seller} {}", order.id, item.product);
        person.client.post(&path, &key, body).await?;
    }
    Ok(())
}

/// What is noted of pieces that are received for an order of the files.
pub(super) fn received_for(order: &str) -> String {
    format!("{RECEIVED_FOR}{order}")
}

async fn quote(people: &People, buyer: &Person, order: &FileOrder, seller: &str, items: &[&Item]) -> Result<String> {
    let person = people.seller(seller).await?;
    let mut lines = Vec::new();
    for item in items {
        let variant = people.variant(seller, &item.product).await?;
        let (price, pieces) = item.price();
        lines.push(json!({
            "variantId": variant,
            "quantity": item.quantity.to_string(),
            "price": money(price, "BRL"),
            "unitQuantity": pieces.to_string(),
        }));
    }
    let freight: i64 = items.iter().map(|item| item.freight).sum();
    let today = SystemClock.now().micros() / DAY_MICROS;
    let key = format!("quote {} {seller}", order.id);
    let body = |day: i64| {
        json!({
            "buyerId": buyer.organisation,
            "lines": lines,
            "freight": money(freight, "BRL"),
            "expireTime": kernel::Time::from_micros(day * DAY_MICROS).to_string(),
        })
    };
    // Asked again on another day, the same key carries another expiry.
    for day in (today + 2..=today + QUOTED_DAYS).rev() {
        match person.client.post("/v1/quotations", &key, body(day)).await {
            Err(error) if error.reason() == "IDEMPOTENCY_KEY_REUSED" => {}
            quoted => return Ok(text(&quoted?, "id")),
        }
    }
    bail!("{seller} quoted something else before: the files have changed since this order was begun")
}

/// Several payments are several top-ups by the file's means, then one payment from the wallet.
async fn pay(buyer: &Person, journal: &Journal, order: &FileOrder, payment: &str) -> Result<()> {
    for (place, paid) in order.payments.iter().enumerate().filter(|(_, paid)| paid.value > 0) {
        let key = format!("top up {} {place}", order.id);
        let body = json!({ "amount": money(paid.value, "BRL"), "method": method(paid, &order.id) });
        let mut topped = buyer.client.post("/v1/wallets:topUp", &key, body).await?;
        if pending(&topped) {
            // Payment asks the provider again that it did not hear, because somebody crashed.
            let path = format!("/v1/payments/{}", text(&topped, "id"));
            topped = buyer.client.get_until(&path, PATIENCE, |topped| !pending(topped)).await?;
        }
        ensure!(
            text(&topped, "state") == "PAYMENT_STATE_SUCCEEDED",
            "the top-up is {}",
            text(&topped, "state")
        );
        journal.top_up(&order.id, &text(&topped, "id"))?;
    }
    buyer.pay(&format!("pay {}", order.id), payment).await?;
    Ok(())
}

/// Whether nobody knows yet what becomes of a payment.
fn pending(payment: &Value) -> bool {
    ["PAYMENT_STATE_PROCESSING", "PAYMENT_STATE_UNKNOWN"].contains(&text(payment, "state").as_str())
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
                return report(carrier, &number, &["in_transit"]).await;
            }
            report(carrier, &number, &["in_transit", "delivered"]).await?;
            wait(buyer, id, &["DELIVERED", "ACCEPTED", "COMPLETED"]).await?;
            accept(buyer, id).await?;
            wait(buyer, id, &["COMPLETED"]).await
        }
    }
}

/// The buyer accepts the goods, unless so much time has gone by since they arrived that they are accepted already.
async fn accept(buyer: &Person, id: &str) -> Result<()> {
    match buyer
        .client
        .post(&format!("/v1/orders/{id}:accept"), &format!("accept {id}"), json!({}))
        .await
    {
        Err(error) if error.reason() == "ILLEGAL_STATE" => Ok(()),
        accepted => Ok(accepted.map(drop)?),
    }
}

/// Every seller of an order is asked whether this one is theirs: the answer names organisations, the files name sellers.
async fn ship(people: &People, order: &FileOrder, id: &str, organisation: &str) -> Result<String> {
    for seller in order.by_seller().keys() {
        let person = people.seller(seller).await?;
        if person.organisation == organisation {
            let path = format!("/v1/orders/{id}/shipments");
            // Logistics may not have heard of the payment yet: the seller tries again.
            let (key, body) = (format!("ship {id}"), json!({ "carrier": "sandbox" }));
            let shipped = person.client.post_when_ready(&path, &key, body, "NOT_PAID", PATIENCE).await?;
            return Ok(text(&shipped["parcels"][0], "trackingNumber"));
        }
    }
    bail!("no seller of order {} is {organisation}", order.id)
}

/// Waits until an order is in one of these states, such as `PAID`.
async fn wait(person: &Person, id: &str, states: &[&str]) -> Result<()> {
    let wanted = |order: &Value| {
        let state = text(order, "state");
        states.iter().any(|wanted| state.strip_prefix("ORDER_STATE_") == Some(wanted))
    };
    let order = person.client.get_until(&format!("/v1/orders/{id}"), PATIENCE, wanted).await?;
    ensure!(wanted(&order), "{id} is {} and not {}", text(&order, "state"), states.join(" or "));
    Ok(())
}

/// The carrier tells what became of a parcel, a second apart.
async fn report(carrier: &Carrier, tracking_number: &str, statuses: &[&str]) -> Result<()> {
    let told = statuses.iter().enumerate().map(|(place, status)| Report {
        id: status,
        status,
        after: Duration::from_secs(place as u64),
    });
    carrier
        .report(tracking_number, SystemClock.now(), &told.collect::<Vec<_>>())
        .await?;
    Ok(())
}
