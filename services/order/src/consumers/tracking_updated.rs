//! A carrier reported something on the way, for the timeline.

use std::sync::Arc;

use events::{Event, Failure};
use proto::logistics::v1::TrackingUpdated;

use super::{Context, tell};

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let TrackingUpdated {
        order_id,
        shipment_id,
        status,
        ..
    } = event.decode()?;
    let status = status.to_lowercase();
    tell(&context, &event, &order_id, move |order, at| {
        order.tracked(&status, &shipment_id, at)
    })
    .await
}
