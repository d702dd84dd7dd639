//! The order was paid: what it holds is its own. If its reservation was
//! given back, it is taken again, or the order hears that it cannot be.

use std::sync::Arc;

use events::{Event, Failure};

use super::tell;
use crate::api::Api;

pub(super) async fn handle(api: Arc<Api>, event: Event) -> Result<(), Failure> {
    tell(&api, &event, |reservation, shelf, sites| reservation.pay(shelf, sites)).await
}
