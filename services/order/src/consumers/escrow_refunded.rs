//! The buyer has the money back, or a part of it.

use std::sync::Arc;

use events::{Event, Failure};
use proto::payment::v1::EscrowChanged;
use runtime::read_money;

use super::{Context, tell};

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: EscrowChanged = event.decode()?;
    let amount = read_money(body.amount.as_ref())?;
    tell(&context, &event, &body.order_id, move |order, at| order.refunded(amount, at)).await
}
