//! Somebody wants to cancel a paid order. The answer is yes unless it was shipped, and the same for whoever asks again.

use std::sync::Arc;

use events::{Event, Failure};

use super::tell;
use crate::api::Api;

pub(super) async fn handle(api: Arc<Api>, event: Event) -> Result<(), Failure> {
    tell(&api, &event, |reservation, shelf, _| reservation.request_cancellation(shelf)).await
}
