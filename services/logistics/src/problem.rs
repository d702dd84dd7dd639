//! What a refusal is called outside.

use std::time::Duration;

use runtime::Problem;

use crate::domain::{Refusal, StockError, Undone};

/// By when a payment that order knows of is known here, as a rule.
const HEARD_OF_WITHIN: Duration = Duration::from_secs(1);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Stock(error) => stock(error),
            Refusal::NotShippable { from } => Self::failed_precondition("NOT_SHIPPABLE", text).with("state", from),
            Refusal::NotPaid => Self::failed_precondition("NOT_PAID", text).retry_after(HEARD_OF_WITHIN),
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
            Refusal::TooManyWarehouses => Self::failed_precondition("TOO_MANY_WAREHOUSES", text),
            Refusal::Stale(stale) => stale.into(),
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
