//! Every parcel of an order that left has arrived.

use std::sync::Arc;

use events::{Event, Failure};
use proto::logistics::v1::Delivered;

use super::tell;
use crate::context::Context;

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let Delivered { order_id, shipment_id, .. } = event.decode()?;
    tell(&context, &event, &order_id, move |order, at| order.delivered(&shipment_id, at)).await
}
