//! A carrier reported something on the way, for the timeline.

use std::sync::Arc;

use events::{Event, Failure};
use proto::logistics::v1::{ShipmentState, TrackingUpdated};

use super::tell;
use crate::context::Context;

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let TrackingUpdated {
        order_id,
        shipment_id,
        status,
        ..
    } = event.decode()?;
    // An end is a fact of its own, which tells more.
    let state = ShipmentState::from_str_name(&status);
    if let Some(ShipmentState::Delivered | ShipmentState::Returned | ShipmentState::Cancelled) = state {
        return Ok(());
    }
    let status = status.trim_start_matches("SHIPMENT_STATE_").to_lowercase();
    tell(&context, &event, &order_id, move |order, at| {
        order.tracked(&status, &shipment_id, at)
    })
    .await
}
