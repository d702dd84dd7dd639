//! What happened elsewhere. One file for each event; the event is the cause of what is written.

mod cancellation_requested;
mod cancelled;
mod checkout_failed;
mod paid;

use std::{collections::BTreeMap, sync::Arc};

use events::{Bus, Error, Event, Failure};
use kernel::VariantId;
use proto::order::v1::OrderChanged;
use runtime::with;

use crate::{
    api::Api,
    domain::{Line, Order},
    told::{self, Step},
};

/// Starts to listen to order.
pub(crate) async fn start(bus: &Bus, api: &Arc<Api>) -> Result<(), Error> {
    bus.consume(&api.store, "logistics", "order")
        .on("order.v1.paid", with(api, paid::handle))
        .on("order.v1.cancelled", with(api, cancelled::handle))
        .on("order.v1.cancellation_requested", with(api, cancellation_requested::handle))
        .on("order.v1.checkout_failed", with(api, checkout_failed::handle))
        .start()
        .await
}

/// Tells the reservation of the order that an event is about what happened.
async fn tell(api: &Api, event: &Event, step: Step) -> Result<(), Failure> {
    let (order, lines) = order_of(event)?;
    Ok(told::tell(&api.store, &api.networks, event.cause(), order, lines, step).await?)
}

/// The order that an event is about, and what it is for.
fn order_of(event: &Event) -> Result<(Order, Vec<Line>), Failure> {
    let changed: OrderChanged = event.decode()?;
    let order = Order {
        id: changed.order_id.parse()?,
        checkout: changed.checkout_id.parse()?,
        seller: changed.seller_id.parse()?,
        buyer: changed.buyer_id.parse()?,
    };
    let mut quantities = BTreeMap::<VariantId, i64>::new();
    for line in changed.lines.iter().filter(|line| line.quantity > 0) {
        let quantity = quantities.entry(line.variant_id.parse()?).or_default();
        *quantity = quantity.saturating_add(line.quantity);
    }
    let lines = quantities.into_iter().map(|(variant, quantity)| Line { variant, quantity });
    Ok((order, lines.collect()))
}
