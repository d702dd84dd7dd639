//! A payment is never made: the order is closed when its time is over, and its stock is free.

use anyhow::Result;
use serde_json::json;

use super::{buying::address, opening::Shop};
use crate::{
    client::{Person, text},
    tour::{
        screen,
        stage::{Stage, pieces, sees},
    },
};

pub(in crate::tour) async fn tell(stage: &Stage, rafael: &Person, enclosures: &Shop) -> Result<()> {
    screen::chapter(9, "A payment is never made");
    screen::happens("Rafael checks out twenty enclosures, asks for five seconds to pay, and forgets about it.");
    let left = enclosures.availability(rafael, 0).await?;
    let body = json!({
        "lines": [{ "variantId": enclosures.variants[0], "quantity": pieces(20) }],
        "shipTo": address(),
        "paymentWindow": "5s",
    });
    let checkout = rafael.client.post("/v1/checkouts", "forgotten", body).await?;
    sees(enclosures.availability(rafael, 0).await? == left - 20, "twenty pieces wait for him")?;
    let order = stage.reaches(rafael, &text(&checkout["orders"][0], "id"), "CANCELLED").await?;
    sees(text(&order, "cancelReason") == "PAYMENT_TIMEOUT", "because nobody paid in time")?;
    enclosures.has_again(stage, rafael, left).await?;

    screen::happens("He remembers, too late.");
    let confirm = format!("/v1/payments/{}:confirm", text(&checkout, "paymentId"));
    let refused = rafael
        .client
        .post(&confirm, "too late", json!({ "method": { "wallet": {} } }))
        .await;
    sees(
        refused.is_err_and(|refused| refused.reason() == "ILLEGAL_STATE"),
        "a payment that is cancelled takes no money",
    )
}
