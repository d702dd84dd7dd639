//! A card is declined. The payment stays open for another try.

use anyhow::Result;
use serde_json::{Value, json};

use super::{buying::address, opening::Shop};
use crate::{
    client::{Person, text},
    tour::{
        screen,
        stage::{Stage, pieces, sees},
    },
};

/// The order that was paid with the second card.
pub(in crate::tour) async fn tell(stage: &Stage, rafael: &Person, enclosures: &Shop) -> Result<Value> {
    screen::chapter(7, "A card is declined");
    screen::happens("Rafael orders ten more enclosures, and pays with a card that has no money on it.");
    let body = json!({ "lines": [{ "variantId": enclosures.variants[0], "quantity": pieces(10) }], "shipTo": address() });
    let checkout = rafael.client.post("/v1/checkouts", "ten more", body).await?;
    let (order, payment) = (checkout["orders"][0].clone(), text(&checkout, "paymentId"));
    let confirm = format!("/v1/payments/{payment}:confirm");
    let card = |token: &str| json!({ "method": { "card": { "token": token } } });
    let declined = rafael
        .client
        .post(&confirm, "first card", card("tok_declined_insufficient_funds"))
        .await?;
    sees(
        text(&declined, "state") == "PAYMENT_STATE_REQUIRES_PAYMENT_METHOD" && text(&declined, "declineReason") == "insufficient_funds",
        "no money moved, and he is told why",
    )?;
    stage.reaches(rafael, &text(&order, "id"), "PLACED").await?;

    screen::happens("He tries another card.");
    let paid = rafael.client.post(&confirm, "second card", card("tok_visa")).await?;
    sees(text(&paid, "state") == "PAYMENT_STATE_SUCCEEDED", "this one is good")?;
    stage.reaches(rafael, &text(&order, "id"), "PAID").await?;
    Ok(order)
}
