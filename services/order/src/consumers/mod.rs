//! What payment, logistics and catalog tell, one fact a file. A fact is total: whatever state its order is in, it is taken in.

mod allocation_failed;
mod cancellation_accepted;
mod cancellation_refused;
mod delivered;
mod escrow_funded;
mod escrow_refunded;
mod escrow_released;
mod intent_cancelled;
mod returned;
mod review_written;
mod shipped;
mod tracking_updated;

use std::sync::Arc;

use ::store::{Error as StoreError, Keys};
use events::{Bus, Error, Event, Failure};
use kernel::OrderId;
use runtime::with;

use crate::{
    context::Context,
    domain::{Event as Change, Moment, Order, Refusal},
    trade,
};

/// Starts to listen.
pub(crate) async fn start(bus: &Bus, context: Arc<Context>) -> Result<(), Error> {
    bus.consume(&context.store, "order", "payment")
        .on("payment.v1.escrow_funded", with(&context, escrow_funded::handle))
        .on("payment.v1.escrow_released", with(&context, escrow_released::handle))
        .on("payment.v1.escrow_refunded", with(&context, escrow_refunded::handle))
        .on("payment.v1.intent_cancelled", with(&context, intent_cancelled::handle))
        .start()
        .await?;
    bus.consume(&context.store, "order", "logistics")
        .on("logistics.v1.allocation_failed", with(&context, allocation_failed::handle))
        .on("logistics.v1.cancellation_accepted", with(&context, cancellation_accepted::handle))
        .on("logistics.v1.cancellation_refused", with(&context, cancellation_refused::handle))
        .on("logistics.v1.shipped", with(&context, shipped::handle))
        .on("logistics.v1.delivered", with(&context, delivered::handle))
        .on("logistics.v1.returned", with(&context, returned::handle))
        .on("logistics.v1.tracking_updated", with(&context, tracking_updated::handle))
        .start()
        .await?;
    // One subject alone, which the broker picks out of all that the catalog tells.
    bus.consume(&context.store, "order", "catalog")
        .on("catalog.v1.review_written", with(&context, review_written::handle))
        .start()
        .await
}

/// Tells an order a fact: one update of one row.
async fn tell<F>(context: &Context, event: &Event, order: &str, fact: F) -> Result<(), Failure>
where
    F: Fn(&mut Order, Moment) -> Vec<Change> + Send + Sync + 'static,
{
    Ok(told(context, event, order.parse()?, fact).await?)
}

/// As [`tell`], for whoever knows what to do if there is no such order.
async fn told<F>(context: &Context, event: &Event, id: OrderId, fact: F) -> Result<(), StoreError<Refusal>>
where
    F: Fn(&mut Order, Moment) -> Vec<Change> + Send + Sync + 'static,
{
    let at = moment(context, event);
    let keys = Keys::new().one::<Order>(id);
    let told = context.store.execute::<(), Refusal, _>(event.cause(), keys, move |work| {
        trade::change(work, id, |order| Ok(fact(order, at)))
    });
    told.await
}

fn moment(context: &Context, event: &Event) -> Moment {
    Moment {
        happened: event.time,
        now: context.store.clock().now(),
    }
}
