//! An order's money is in escrow.

use std::sync::Arc;

use events::{Event, Failure};
use kernel::{CheckoutId, OrderId};
use proto::payment::v1::EscrowFunded;
use store::{Error, Keys};

use super::{moment, told};
use crate::{
    context::Context,
    domain::{Checkout, IntentFact, Order, Refusal},
    trade,
};

/// Money may come before the orders are placed, when we ended between the two: then the checkout keeps the fact for them.
pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: EscrowFunded = event.decode()?;
    let order: OrderId = body.order_id.parse()?;
    match told(&context, &event, order, Order::funded).await {
        Err(Error::Refused(Refusal::NoSuchOrder)) => {}
        told => return Ok(told?),
    }
    let checkout: CheckoutId = body.checkout_id.parse()?;
    let at = moment(&context, &event);
    let keys = Keys::new().one::<Checkout>(checkout).one::<Order>(order);
    let kept = context.store.execute::<(), Refusal, _>(event.cause(), keys, move |work| {
        if work.get::<Order>(order).is_some() {
            return trade::change(work, order, |order| Ok(order.funded(at)));
        }
        let checkout = work.change::<Checkout>(checkout).ok_or(Refusal::NoSuchCheckout)?;
        checkout.hear(IntentFact::Funded(at.happened))
    });
    Ok(kept.await?)
}
