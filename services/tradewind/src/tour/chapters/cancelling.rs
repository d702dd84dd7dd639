//! An order is cancelled after payment and before shipment: the money comes back, and so does the stock.

use anyhow::Result;
use serde_json::{Value, json};

use super::{buying::cents, opening::Shop};
use crate::{
    client::{Person, text},
    tour::{
        screen,
        stage::{Stage, sees},
    },
};

pub(in crate::tour) async fn tell(stage: &Stage, rafael: &Person, order: &Value, enclosures: &Shop) -> Result<()> {
    screen::chapter(8, "An order is cancelled before it is shipped");
    screen::happens("Rafael changes his mind about the ten. Logistics says whether they have left the house; they have not.");
    let (id, total) = (text(order, "id"), cents(&order["total"]));
    let (balance, left) = (rafael.balance("USD").await?, enclosures.availability(rafael, 0).await?);
    let reason = json!({ "reason": "ordered twice by mistake" });
    rafael.client.post(&format!("/v1/orders/{id}:cancel"), "cancel", reason).await?;
    stage.reaches(rafael, &id, "CANCELLED").await?;
    let escrow = rafael.client.get(&format!("/v1/orders/{id}/escrow")).await?;
    let (held, refunded) = (cents(&escrow["held"]), cents(&escrow["refunded"]));
    sees((held, refunded) == (0, total), "the whole amount left escrow")?;
    sees(rafael.balance("USD").await? == balance + total, "and is in his wallet, to the cent")?;
    enclosures.has_again(stage, rafael, left + 10).await
}

impl Shop {
    /// Waits until this many pieces of the first variant can be had.
    pub(in crate::tour) async fn has_again(&self, stage: &Stage, person: &Person, pieces: i64) -> Result<()> {
        let path = format!("/v1/sellers/{}/availability/{}", self.seller.organisation, self.variants[0]);
        let there = |answer: &Value| text(answer, "available") == pieces.to_string();
        stage
            .comes(person, &path, format!("{pieces} pieces can be had again"), there)
            .await?;
        Ok(())
    }
}
