//! One checkout for goods of two sellers: one payment, an order and an escrow for each seller.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{negotiating::Deal, opening::Shop};
use crate::{
    client::{Person, money, number, text},
    tour::{
        screen,
        stage::{Stage, pieces, sees},
    },
};

/// How long after delivery the orders of this story are accepted by themselves.
const INSPECTION_WINDOW: &str = "8s";

/// How many enclosures the buyer takes.
pub(in crate::tour) const ENCLOSURES: i64 = 40;

/// What the buyer brings in with a card, in cents.
pub(in crate::tour) const TOP_UP: i64 = 100_000;

/// The two orders that the checkout became.
pub(in crate::tour) struct Purchase {
    /// At the quotation's price.
    pub(in crate::tour) resistors: Value,
    /// At the catalog's price.
    pub(in crate::tour) enclosures: Value,
}

pub(in crate::tour) async fn tell(stage: &Stage, deal: &Deal, [resistors, enclosures]: [&Shop; 2]) -> Result<Purchase> {
    screen::chapter(3, "One checkout, two sellers, one payment");
    screen::happens(
        "Rafael checks out the quotation together with 40 enclosures of Anh's, and chooses a short inspection window so that the story goes on.",
    );
    let rafael = &deal.buyer;
    let body = json!({
        "quotationIds": [deal.quotation],
        "lines": [{ "variantId": enclosures.variants[0], "quantity": pieces(ENCLOSURES) }],
        "shipTo": address(),
        "inspectionWindow": INSPECTION_WINDOW,
    });
    let checkout = rafael.client.post("/v1/checkouts", "checkout", body).await?;
    let of = |shop: &Shop| {
        let orders = checkout["orders"].as_array();
        let order = orders.and_then(|orders| orders.iter().find(|order| text(order, "sellerId") == shop.seller.organisation));
        order.cloned().with_context(|| format!("not as told: {} has an order", shop.name))
    };
    let purchase = Purchase {
        resistors: of(resistors)?,
        enclosures: of(enclosures)?,
    };
    let (first, second) = (cents(&purchase.resistors["total"]), cents(&purchase.enclosures["total"]));
    sees(first == deal.total, "the first order costs what the quotation says")?;
    let freight = cents(&purchase.enclosures["freight"]);
    sees(
        second == ENCLOSURES * 690 + freight,
        "the second costs what the catalog says, and freight by weight",
    )?;
    sees(cents(&checkout["total"]) == first + second, "one payment is for both")?;
    for (shop, quantity, stock) in [(resistors, 25_000, 60_000), (enclosures, ENCLOSURES, 100)] {
        let left = shop.availability(rafael, 0).await?;
        sees(
            left == stock - quantity,
            format!("{quantity} of {}'s pieces are reserved", shop.name),
        )?;
    }

    screen::happens("He tops up his wallet with a sandbox card and pays both orders at once, twice under one key: it happens once.");
    let card = json!({ "amount": money(TOP_UP, "USD"), "method": { "card": { "token": "tok_visa" } } });
    let topped = rafael.client.post("/v1/wallets:topUp", "top up", card).await?;
    sees(text(&topped, "state") == "PAYMENT_STATE_SUCCEEDED", "the card is good")?;
    let confirm = format!("/v1/payments/{}:confirm", text(&checkout, "paymentId"));
    let wallet = json!({ "method": { "wallet": {} } });
    rafael.client.post(&confirm, "pay", wallet.clone()).await?;
    let paid = rafael.client.post(&confirm, "pay", wallet).await?;
    sees(text(&paid, "state") == "PAYMENT_STATE_SUCCEEDED", "the payment succeeded")?;
    sees(rafael.balance("USD").await? == TOP_UP - first - second, "the wallet has paid once")?;
    for (order, total) in [(&purchase.resistors, first), (&purchase.enclosures, second)] {
        let id = text(order, "id");
        stage.reaches(rafael, &id, "PAID").await?;
        let escrow = rafael.client.get(&format!("/v1/orders/{id}/escrow")).await?;
        sees(cents(&escrow["held"]) == total, "its money waits in escrow")?;
    }
    Ok(purchase)
}

/// Where Rafael wants his goods.
pub(super) fn address() -> Value {
    json!({ "recipient": "Recife Eletronica", "lines": ["Rua da Aurora 325"], "city": "Recife", "region": "PE", "country": "BR" })
}

/// An amount of the API's in minor units.
pub(in crate::tour) fn cents(amount: &Value) -> i64 {
    number(amount, "minorUnits")
}

impl Shop {
    /// How many pieces of a variant anybody could reserve now.
    pub(in crate::tour) async fn availability(&self, person: &Person, variant: usize) -> Result<i64> {
        let path = format!("/v1/sellers/{}/availability/{}", self.seller.organisation, self.variants[variant]);
        Ok(number(&person.client.get(&path).await?, "available"))
    }
}
