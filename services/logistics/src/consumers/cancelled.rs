//! The order was cancelled: what it holds is given back for good.

use std::sync::Arc;

use events::{Event, Failure};

use crate::{api::Api, told};

pub(super) async fn handle(api: Arc<Api>, event: Event) -> Result<(), Failure> {
    let about = super::order_of(&event)?;
    let cause = event.cause();
    told::tell(&api.store, &api.networks, cause, about, |reservation, shelf, _| {
        reservation.cancel(shelf)
    })
    .await?;
    Ok(())
}
