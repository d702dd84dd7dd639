//! An order was handed to a carrier, in one parcel or several: told once for its shipment.

use std::sync::Arc;

use events::{Event, Failure};
use proto::logistics::v1::Shipped;

use super::tell;
use crate::context::Context;

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let Shipped {
        order_id,
        shipment_id,
        tracking_number,
        ..
    } = event.decode()?;
    tell(&context, &event, &order_id, move |order, at| {
        order.shipped(&shipment_id, &tracking_number, at)
    })
    .await
}
