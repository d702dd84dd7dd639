//! What a refusal is called outside.

use runtime::Problem;
use store::Error;
use tonic::Status;

use crate::domain::{Refusal, StockError, Undone};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Stock(error) => stock(error),
            Refusal::Reservation(error) => Self::failed_precondition("NOT_SHIPPABLE", text).with("state", error.from),
            Refusal::Parcels(_) => Self::invalid_field("tracking_numbers", text),
            Refusal::Undone(Undone::Stock(error)) => Self::internal(error),
            Refusal::Undone(Undone::NotNamed(_)) | Refusal::UnknownWarehouse | Refusal::Moved | Refusal::NoNumberLeft => {
                Self::unavailable("others are changing the same things")
            }
            Refusal::CheckoutReleased => Self::failed_precondition("CHECKOUT_RELEASED", text),
            Refusal::OtherOrders => Self::failed_precondition("CHECKOUT_KNOWN", text),
            Refusal::NumberTaken(_) => {
                Self::already_exists("TRACKING_NUMBER_TAKEN", text).violating("tracking_numbers", "belongs to another shipment")
            }
            Refusal::Stale { current } => Self::stale(current),
        }
    }
}

fn stock(error: StockError) -> Problem {
    let text = error.to_string();
    match error {
        StockError::NoQuantity => Problem::invalid_field("quantity", text),
        StockError::NotAvailable { available } => Problem::failed_precondition("NOT_AVAILABLE", text).with("available", available),
        StockError::TooMany => Problem::failed_precondition("TOO_MANY_PIECES", text),
        StockError::NotReserved { .. } => Problem::internal(error),
    }
}

/// The one place where errors of the store become statuses.
pub(crate) fn status(error: Error<Refusal>) -> Status {
    match error {
        Error::Refused(refusal) => Problem::from(refusal).into(),
        Error::NotFound => Problem::not_found("thing").into(),
        Error::KeyReused => Problem::key_reused().into(),
        Error::Database(error) => store::unread(error).into(),
        Error::Corrupt(error) => Problem::internal(error).into(),
        Error::Panicked => Problem::internal("an update panicked").into(),
        Error::Closed => Problem::unavailable("the service is ending").into(),
    }
}

/// The same for reads, which nobody refuses.
pub(crate) fn unread(error: Error<std::convert::Infallible>) -> Status {
    status(error.map_refused(|never| match never {}))
}
