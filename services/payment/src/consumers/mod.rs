//! What other services' events mean for money.

mod order_accepted;
mod refund_requested;

use events::{Bus, Error};
use runtime::with;
use store::Store;

/// Starts to listen to order.
pub(crate) async fn start(bus: &Bus, store: &Store) -> Result<(), Error> {
    bus.consume(store, "payment", "order")
        .on("order.v1.accepted", with(store, order_accepted::handle))
        .on("order.v1.refund_requested", with(store, refund_requested::handle))
        .start()
        .await
}
