//! The window of an order has run out: it is accepted by itself.

use std::sync::Arc;

use kernel::OrderId;
use store::{Cause, DueTimer, Error, Keys};

use crate::{
    consumers::Context,
    domain::{Order, Refusal},
    trade,
};

/// A window may have been followed by another one since, so the cause names the one that runs now.
pub(super) async fn handle(context: Arc<Context>, due: DueTimer) -> Result<(), Error<Refusal>> {
    let id = OrderId::from_uuid(due.aggregate);
    let order = context.store.get::<Order>(id).await.map_err(Error::of_read)?;
    let Some(accept_by) = order.and_then(|order| order.state().accept_by()) else {
        return Ok(());
    };
    let now = context.store.clock().now();
    if now < accept_by {
        return Ok(());
    }
    let cause = Cause::step(&format!("order.accept_by_{}", accept_by.micros()), id);
    let run_out = context
        .store
        .execute::<(), Refusal, _>(cause, Keys::new().one::<Order>(id), move |work| {
            trade::change(work, id, |order| Ok(order.run_out(now).into_iter().collect()))
        });
    run_out.await
}
