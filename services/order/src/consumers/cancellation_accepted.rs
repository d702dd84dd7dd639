//! The goods of an order stay where they are, so its money goes back.

use std::sync::Arc;

use events::{Event, Failure};
use proto::logistics::v1::CancellationAnswered;

use super::tell;
use crate::{context::Context, domain::Order};

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: CancellationAnswered = event.decode()?;
    tell(&context, &event, &body.order_id, Order::cancellation_accepted).await
}
