//! Two buyers want more than there is, at the same moment.

use anyhow::Result;
use futures::future::join;
use serde_json::{Value, json};

use super::{buying::address, opening::Shop};
use crate::{
    client::{Error, Person, text},
    tour::{
        screen,
        stage::{Stage, pieces, sees},
    },
};

/// The order of whoever was first, and who that was.
pub(in crate::tour) async fn tell(stage: &Stage, rafael: &Person, resistors: &Shop) -> Result<(Person, Value)> {
    screen::chapter(10, "Two buyers want the last pieces");
    screen::happens("Aisha Khan in Lahore wants all 40,000 of the 5 % resistors, and so does Rafael. Both check out at once.");
    let aisha = stage.founder("Aisha Khan", "Lahore Instruments", "PK").await?;
    let body = json!({ "lines": [{ "variantId": resistors.variants[1], "quantity": pieces(40_000) }], "shipTo": address() });
    let outcomes = join(
        rafael.client.post("/v1/checkouts", "last pieces", body.clone()),
        aisha.client.post("/v1/checkouts", "last pieces", body),
    );
    let (first, checkout, second) = match outcomes.await {
        (Ok(checkout), Err(refused)) => (rafael, checkout, refused),
        (Err(refused), Ok(checkout)) => (&aisha, checkout, refused),
        (Ok(_), Ok(_)) => anyhow::bail!("not as told: 40,000 pieces were sold twice"),
        (Err(error), Err(_)) => return Err(error.into()),
    };
    sees(is_short(&second), "one was first; the other is told that nothing is left")?;
    sees(resistors.availability(rafael, 1).await? == 0, "the stock has run out")?;

    screen::happens("Whoever was first pays by card.");
    let confirm = format!("/v1/payments/{}:confirm", text(&checkout, "paymentId"));
    let card = json!({ "method": { "card": { "token": "tok_visa" } } });
    first.client.post(&confirm, "pay the last pieces", card).await?;
    let order = checkout["orders"][0].clone();
    stage.reaches(first, &text(&order, "id"), "PAID").await?;
    Ok((first.clone(), order))
}

fn is_short(refused: &Error) -> bool {
    refused.reason() == "OUT_OF_STOCK"
}
