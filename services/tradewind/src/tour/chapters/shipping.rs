//! The sellers ship; the carrier reports twice and in the wrong order; the parcels arrive.

use std::time::Duration;

use anyhow::Result;
use kernel::{Clock, Time};
use runtime::SystemClock;
use serde_json::{Value, json};

use super::{buying::Purchase, negotiating::notified, opening::Shop};
use crate::{
    client::{Person, Report, number, text},
    tour::{
        screen,
        stage::{PATIENCE, Stage, sees},
    },
};

const HOUR: Duration = Duration::from_secs(3_600);

pub(in crate::tour) async fn tell(stage: &Stage, rafael: &Person, purchase: &Purchase, [resistors, enclosures]: [&Shop; 2]) -> Result<()> {
    screen::chapter(4, "The sellers ship, the buyer follows");
    let (first, second) = (text(&purchase.resistors, "id"), text(&purchase.enclosures, "id"));
    screen::happens("Both sellers are notified that the money is in escrow, and hand their goods to a carrier.");
    let parcel = ship(stage, resistors, &first).await?;
    let other = ship(stage, enclosures, &second).await?;
    stage.reaches(rafael, &first, "SHIPPED").await?;

    let taken_over = SystemClock.now().minus(3 * HOUR);
    follow(stage, rafael, &parcel, taken_over).await?;

    screen::happens("Both parcels arrive. A late report of the way is filed where it happened, and changes nothing any more.");
    stage
        .carrier
        .report(&parcel.number, taken_over, &[at("d", "delivered", 3), at("a", "in_transit", 0)])
        .await?;
    stage
        .carrier
        .report(&other.number, taken_over, &[at("a", "in_transit", 0), at("d", "delivered", 3)])
        .await?;
    for order in [&first, &second] {
        stage.reaches(rafael, order, "DELIVERED").await?;
    }
    let news = |answer: &Value| notified(answer, "order_delivered", &first);
    stage
        .comes(rafael, "/v1/notifications?pageSize=6", "he was notified of it", news)
        .await?;
    Ok(())
}

/// A parcel on its way.
struct Parcel {
    shipment: String,
    number: String,
}

async fn ship(stage: &Stage, shop: &Shop, order: &str) -> Result<Parcel> {
    let claim = format!("{} was notified of the payment", shop.name);
    let news = |answer: &Value| notified(answer, "order_paid", order);
    stage
        .comes(&shop.seller, "/v1/notifications?unreadOnly=true&pageSize=3", claim, news)
        .await?;
    let path = format!("/v1/orders/{order}/shipments");
    let body = json!({ "carrier": "sandbox" });
    // Logistics may hear of the payment a moment after the seller did.
    let shipment = shop
        .seller
        .client
        .post_when_ready(&path, "ship", body, "NOT_PAID", PATIENCE)
        .await?;
    Ok(Parcel {
        shipment: text(&shipment, "id"),
        number: text(&shipment["parcels"][0], "trackingNumber"),
    })
}

async fn follow(stage: &Stage, rafael: &Person, parcel: &Parcel, taken_over: Time) -> Result<()> {
    screen::happens("The carrier reports: the last scan first, then that scan once more, then the one before it.");
    let reports = [
        at("c", "out_for_delivery", 2),
        at("c", "out_for_delivery", 2),
        at("b", "in_transit", 1),
    ];
    let heard = stage.carrier.report(&parcel.number, taken_over, &reports).await?;
    let counts = (number(&heard, "accepted"), number(&heard, "alreadyKnown"));
    sees(counts == (2, 1), "two were news, one was known already")?;
    let heard = stage.carrier.report(&parcel.number, taken_over, &reports).await?;
    let counts = (number(&heard, "accepted"), number(&heard, "alreadyKnown"));
    sees(counts == (0, 3), "told once more, all is known")?;
    let shipment = rafael.client.get(&format!("/v1/shipments/{}", parcel.shipment)).await?;
    sees(
        text(&shipment, "state") == "SHIPMENT_STATE_OUT_FOR_DELIVERY",
        "the parcel is out for delivery, not back in transit",
    )?;
    let track = rafael
        .client
        .get(&format!("/v1/shipments/{}/trackingEvents", parcel.shipment))
        .await?;
    let states: Vec<String> = track["events"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|event| text(event, "state"))
        .collect();
    sees(
        states == ["SHIPMENT_STATE_IN_TRANSIT", "SHIPMENT_STATE_OUT_FOR_DELIVERY"],
        "the buyer sees each scan once, in the order in which they happened",
    )
}

fn at(id: &'static str, status: &'static str, hours: u32) -> Report<'static> {
    Report {
        id,
        status,
        after: hours * HOUR,
    }
}
