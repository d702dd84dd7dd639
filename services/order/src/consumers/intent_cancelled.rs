//! Nobody will pay for a checkout any more: its orders end, and its quotations can be used again.

use std::sync::Arc;

use events::{Event, Failure};
use kernel::CheckoutId;
use proto::payment::v1::IntentCancelled;
use store::Keys;

use super::moment;
use crate::{
    context::Context,
    domain::{CancelCode, Checkout, IntentFact, Order, Progress, Quotation, Refusal},
    trade,
};

/// A checkout whose orders are not placed yet keeps the fact, so that they never will be. One that has failed was the one that asked.
pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: IntentCancelled = event.decode()?;
    if body.checkout_id.is_empty() {
        return Ok(());
    }
    let id: CheckoutId = body.checkout_id.parse()?;
    let Some(checkout) = context.store.get::<Checkout>(id).await? else {
        return Ok(());
    };
    let at = moment(&context, &event);
    let code = CancelCode::named(&body.reason).unwrap_or(CancelCode::PaymentCancelled);
    let keys = Keys::new()
        .one::<Checkout>(id)
        .all::<Order>(checkout.orders())
        .all::<Quotation>(checkout.quotations.iter().copied());
    let closed = context.store.execute::<(), Refusal, _>(event.cause(), keys, move |work| {
        let Some(checkout) = work.change::<Checkout>(id) else {
            return Ok(());
        };
        match checkout.progress {
            Progress::Pending { .. } => checkout.hear(IntentFact::Cancelled),
            Progress::Open { .. } => {
                let checkout = checkout.clone();
                trade::close(work, &checkout, |_| code.into(), at)
            }
            Progress::Failed(_) => Ok(()),
        }
    });
    Ok(closed.await?)
}
