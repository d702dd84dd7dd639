//! Somebody wants to cancel a paid order. The answer is yes unless it was shipped, and the same for whoever asks again.

use std::sync::Arc;

use events::{Event, Failure};

use crate::{api::Api, told};

pub(super) async fn handle(api: Arc<Api>, event: Event) -> Result<(), Failure> {
    let about = super::order_of(&event)?;
    let cause = event.cause();
    told::tell(&api.store, &api.networks, cause, about, |reservation, shelf, _| {
        reservation.request_cancellation(shelf)
    })
    .await?;
    Ok(())
}
