//! The window of an order has run out: it is accepted by itself.

use std::sync::Arc;

use kernel::OrderId;
use store::{Cause, DueTimer, Keys};

use crate::{
    context::Context,
    domain::{Order, Refusal},
    trade,
};

/// A window may have been followed by another one since, so the cause names the one that runs now.
pub(super) async fn handle(context: Arc<Context>, due: DueTimer) -> Result<(), String> {
    let id = OrderId::from_uuid(due.aggregate);
    let order = context.store.get::<Order>(id).await.map_err(|error| error.to_string())?;
    let Some(accept_by) = order.and_then(|order| order.state().accept_by()) else {
        return Ok(());
    };
    let now = context.store.clock().now();
    // The clock was set back, or another window began just now: a failed timer is tried again, unless it was set anew meanwhile.
    if now < accept_by {
        return Err(format!("the window ends at {accept_by}, and it is {now} only"));
    }
    let cause = Cause::step(&format!("order.accept_by_{}", accept_by.micros()), id);
    let run_out = context
        .store
        .execute::<(), Refusal, _>(cause, Keys::new().one::<Order>(id), move |work| {
            trade::change(work, id, |order| Ok(order.run_out(now).into_iter().collect()))
        });
    run_out.await.map_err(|error| error.to_string())
}
