//! An order was paid, and there is nothing left to ship: it is cancelled and refunded.

use std::sync::Arc;

use events::{Event, Failure};
use proto::logistics::v1::AllocationFailed;

use super::tell;
use crate::{context::Context, domain::Order};

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: AllocationFailed = event.decode()?;
    tell(&context, &event, &body.order_id, Order::allocation_failed).await
}
