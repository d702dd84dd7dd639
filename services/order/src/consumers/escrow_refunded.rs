//! The buyer has the money back.

use std::sync::Arc;

use events::{Event, Failure};
use proto::payment::v1::EscrowChanged;
use runtime::read_money;

use super::tell;
use crate::context::Context;

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: EscrowChanged = event.decode()?;
    let amount = read_money(body.amount.as_ref())?;
    tell(&context, &event, &body.order_id, move |order, at| order.refunded(amount, at)).await
}
