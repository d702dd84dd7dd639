//! A checkout should have been paid by now: payment is asked to cancel its intent.

use std::sync::Arc;

use kernel::CheckoutId;
use store::{Cause, DueTimer, Error, Keys};

use crate::{
    consumers::Context,
    domain::{CancelCode, Checkout, Moment, Order, Quotation, Refusal, State},
    saga::Cancelled,
    trade,
};

const REASON: CancelCode = CancelCode::PaymentTimeout;

/// Only payment decides. Its "cancelled" closes the orders, as answer or as event, whichever comes first; where the money is there already its own
/// event follows; while money is on its way it is asked again later.
pub(super) async fn handle(context: Arc<Context>, due: DueTimer) -> Result<(), String> {
    let id = CheckoutId::from_uuid(due.aggregate);
    let Some(checkout) = context.store.get::<Checkout>(id).await.map_err(text)? else {
        return Ok(());
    };
    let orders = context.store.get_all::<Order>(checkout.orders()).await.map_err(text)?;
    if !orders.iter().any(|order| order.state() == State::Placed) {
        return Ok(());
    }
    match context.saga.cancel_intent(&checkout, REASON).await.map_err(text)? {
        Cancelled::Yes => {
            let keys = Keys::new()
                .all::<Order>(checkout.orders())
                .all::<Quotation>(checkout.quotations.iter().copied());
            let cause = Cause::step("order.payment_deadline", id);
            let at = Moment::here(context.store.clock().now());
            let closed = context
                .store
                .execute::<(), Refusal, _>(cause, keys, move |work| trade::close(work, &checkout, |_| REASON.into(), at));
            closed.await.map_err(|error: Error<Refusal>| text(error))
        }
        Cancelled::Paid => Ok(()),
        Cancelled::Processing => Err("money is on its way".to_owned()),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
