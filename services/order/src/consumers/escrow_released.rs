//! The seller has the money.

use std::sync::Arc;

use events::{Event, Failure};
use proto::payment::v1::EscrowChanged;

use super::tell;
use crate::{context::Context, domain::Order};

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: EscrowChanged = event.decode()?;
    tell(&context, &event, &body.order_id, Order::released).await
}
