//! The order was paid: what it holds is its own. If its reservation was given back, it is taken again, or the order hears that it cannot be.

use std::sync::Arc;

use events::{Event, Failure};

use crate::{api::Api, told};

pub(super) async fn handle(api: Arc<Api>, event: Event) -> Result<(), Failure> {
    let about = super::order_of(&event)?;
    let cause = event.cause();
    told::tell(&api.store, &api.networks, cause, about, |reservation, shelf, sites| {
        reservation.pay(shelf, sites)
    })
    .await?;
    Ok(())
}
