//! What other services' events mean for money.

mod order_accepted;
mod refund_requested;

use events::{Bus, Error};
use store::Store;

/// Starts to listen to order.
pub(crate) async fn start(bus: &Bus, store: &Store) -> Result<(), Error> {
    let (releasing, refunding) = (store.clone(), store.clone());
    bus.consume(store, "payment", "order")
        .on("order.v1.accepted", move |event| order_accepted::handle(releasing.clone(), event))
        .on("order.v1.refund_requested", move |event| {
            refund_requested::handle(refunding.clone(), event)
        })
        .start()
        .await
}
