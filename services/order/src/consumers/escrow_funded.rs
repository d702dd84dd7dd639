//! An order's money is in escrow.

use std::sync::Arc;

use events::{Event, Failure};
use kernel::{CheckoutId, OrderId};
use proto::payment::v1::EscrowFunded;

use super::{Context, tell};
use crate::domain::Order;

/// Money may come before the orders are placed, when we end between the two: then they are placed first.
pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: EscrowFunded = event.decode()?;
    let told = tell(&context, &event, &body.order_id, Order::funded).await;
    let Err(failure) = told else {
        return Ok(());
    };
    let order: OrderId = body.order_id.parse()?;
    if context.store.get::<Order>(order).await?.is_some() {
        return Err(failure);
    }
    let checkout: CheckoutId = body.checkout_id.parse()?;
    context.saga.recover(checkout).await.map_err(Failure::passing)?;
    tell(&context, &event, &body.order_id, Order::funded).await
}
