//! The order was cancelled: what it holds is given back for good.

use std::sync::Arc;

use events::{Event, Failure};

use super::tell;
use crate::api::Api;

pub(super) async fn handle(api: Arc<Api>, event: Event) -> Result<(), Failure> {
    tell(&api, &event, |reservation, shelf, _| reservation.cancel(shelf)).await
}
