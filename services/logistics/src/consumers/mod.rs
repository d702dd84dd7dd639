//! What happened elsewhere. One file for each event; the event is the cause of what is written.

mod cancellation_requested;
mod cancelled;
mod checkout_failed;
mod paid;

use std::{collections::BTreeMap, sync::Arc};

use events::{Bus, Consumer, Event, Failure};
use kernel::VariantId;
use proto::order::v1::OrderChanged;

use crate::{
    api::Api,
    domain::{Line, Order},
};

/// The consumer of order's events.
pub(crate) fn of_order(bus: &Bus, api: &Arc<Api>) -> Consumer {
    let with = || Arc::clone(api);
    let (paid, cancelled, requested, failed) = (with(), with(), with(), with());
    bus.consume(&api.store, "logistics", "order")
        .on("order.v1.paid", move |event| paid::handle(Arc::clone(&paid), event))
        .on("order.v1.cancelled", move |event| cancelled::handle(Arc::clone(&cancelled), event))
        .on("order.v1.cancellation_requested", move |event| {
            cancellation_requested::handle(Arc::clone(&requested), event)
        })
        .on("order.v1.checkout_failed", move |event| {
            checkout_failed::handle(Arc::clone(&failed), event)
        })
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
