//! Nobody will pay for a checkout any more: its orders end, and its quotations can be used again.

use std::sync::Arc;

use events::{Event, Failure};
use kernel::CheckoutId;
use proto::payment::v1::IntentCancelled;
use store::Keys;

use super::{Context, cause};
use crate::{
    domain::{CancelCode, Checkout, Moment, Order, Progress, Quotation, Refusal},
    trade,
};

/// A checkout whose steps are under way, or that has failed, knows already: it was the one that asked.
pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: IntentCancelled = event.decode()?;
    if body.checkout_id.is_empty() {
        return Ok(());
    }
    let id: CheckoutId = body.checkout_id.parse()?;
    let checkout = context.store.get::<Checkout>(id).await?;
    let Some(checkout) = checkout.filter(|checkout| matches!(checkout.progress, Progress::Open { .. })) else {
        return Ok(());
    };
    let at = Moment {
        happened: event.time,
        now: context.store.clock().now(),
    };
    let keys = Keys::new()
        .all::<Order>(checkout.orders())
        .all::<Quotation>(checkout.quotations.iter().copied());
    let code = if checkout.payment_deadline <= event.time {
        CancelCode::PaymentTimeout
    } else {
        CancelCode::PaymentCancelled
    };
    let closed = context
        .store
        .execute::<(), Refusal, _>(cause(&event), keys, move |work| trade::close(work, &checkout, &code.into(), at));
    Ok(closed.await?)
}
