//! One order is accepted, the other's inspection window runs out; the sellers have their money, and take it out.

use anyhow::Result;
use serde_json::{Value, json};

use super::{
    buying::{Purchase, cents},
    opening::Shop,
};
use crate::{
    client::{Person, money, text},
    tour::{
        screen,
        stage::{Stage, sees},
    },
};

pub(in crate::tour) async fn tell(stage: &Stage, rafael: &Person, purchase: &Purchase, [resistors, enclosures]: [&Shop; 2]) -> Result<()> {
    screen::chapter(5, "The sellers are paid");
    screen::happens("Rafael accepts the resistors: their escrow is released to Mei Lin, less the platform's fee.");
    let order = text(&purchase.resistors, "id");
    rafael
        .client
        .post(&format!("/v1/orders/{order}:accept"), "accept", json!({}))
        .await?;
    stage.reaches(rafael, &order, "COMPLETED").await?;
    let earned = released(resistors, &purchase.resistors).await?;
    pay_out(stage, resistors, earned, "bank_guangzhou").await?;

    screen::happens("He says nothing of the enclosures. Their inspection window runs out, and they are accepted by themselves.");
    stage.reaches(rafael, &text(&purchase.enclosures, "id"), "COMPLETED").await?;
    let earned = released(enclosures, &purchase.enclosures).await?;
    pay_out(stage, enclosures, earned, "bank_haiphong").await
}

/// Checks what became of an order's money; what the seller got of it, in cents.
async fn released(shop: &Shop, order: &Value) -> Result<i64> {
    let escrow = shop.seller.client.get(&format!("/v1/orders/{}/escrow", text(order, "id"))).await?;
    let (total, fee) = (cents(&order["total"]), cents(&order["fee"]));
    let (held, released, kept) = (cents(&escrow["held"]), cents(&escrow["released"]), cents(&escrow["fee"]));
    sees((held, released) == (0, total), "nothing is held any more, everything is released")?;
    sees(
        kept == fee && fee > 0,
        "the platform kept the fee that was frozen at the sale, and no more",
    )?;
    let earned = total - fee;
    sees(
        shop.seller.balance("USD").await? == earned,
        format!("the rest is in {}'s wallet", shop.name),
    )?;
    Ok(earned)
}

async fn pay_out(stage: &Stage, shop: &Shop, amount: i64, bank_account: &str) -> Result<()> {
    screen::happens(format!("{} asks for it to be paid out to the bank.", shop.name));
    let payout = json!({ "amount": money(amount, "USD"), "bankAccountToken": bank_account });
    let payout = text(&shop.seller.client.post("/v1/payouts", "payout", payout).await?, "id");
    let paid = |answer: &Value| text(answer, "state") == "PAYOUT_STATE_PAID";
    stage
        .comes(&shop.seller, &format!("/v1/payouts/{payout}"), "the bank has it", paid)
        .await?;
    sees(shop.seller.balance("USD").await? == 0, "the wallet is empty")
}
