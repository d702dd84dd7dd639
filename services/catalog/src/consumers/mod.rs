//! What other services tell the catalog, one fact a file.

mod completed;

use ::store::Store;
use events::{Bus, Error};
use runtime::with;

/// Starts to listen to order.
pub(crate) async fn start(bus: &Bus, store: &Store) -> Result<(), Error> {
    bus.consume(store, "catalog", "order")
        .on("order.v1.completed", with(store, completed::handle))
        .start()
        .await
}
