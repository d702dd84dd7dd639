//! No parcel of an order will arrive: each came back to the seller, or never left.

use std::sync::Arc;

use events::{Event, Failure};
use proto::logistics::v1::Returned;

use super::tell;
use crate::context::Context;

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let Returned { order_id, shipment_id, .. } = event.decode()?;
    tell(&context, &event, &order_id, move |order, at| order.returned(&shipment_id, at)).await
}
