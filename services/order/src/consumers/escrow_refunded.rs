//! The buyer has the money back, or a part of it.

use std::sync::Arc;

use events::{Event, Failure};
use kernel::Money;
use proto::payment::v1::EscrowChanged;

use super::{Context, tell};

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: EscrowChanged = event.decode()?;
    let amount = body.amount.ok_or_else(|| Failure::new("a refund without an amount"))?;
    let currency = amount
        .currency
        .parse()
        .map_err(|error: kernel::UnknownCurrency| Failure::new(error))?;
    let amount = Money::new(amount.minor_units, currency);
    tell(&context, &event, &body.order_id, move |order, at| order.refunded(amount, at)).await
}
