//! What a refusal is called outside.

use std::time::Duration;

use runtime::Problem;

use crate::domain::Refusal;

/// How long an order's events take to get here, at the most, while all is well.
const A_MOMENT: Duration = Duration::from_secs(1);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::NoSuchConversation => Self::not_found("conversation"),
            Refusal::NoSuchNotification => Self::not_found("notification"),
            Refusal::OwnOrganisation => Self::invalid_field("organisation_id", text),
            Refusal::OrderNotKnown { .. } => Self::failed_precondition("ORDER_NOT_KNOWN", text)
                .violating("context.order_id", "is no order between the two organisations that is known here")
                .retry_after(A_MOMENT),
            Refusal::NotYetWritten { last } => Self::failed_precondition("NOT_YET_WRITTEN", "nothing is read before it is written")
                .violating("sequence", text)
                .with("last_sequence", last),
        }
    }
}
