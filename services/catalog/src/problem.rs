//! What a refusal is called outside.

use runtime::Problem;
use tonic::Code;

use crate::domain::{Refusal, import::NotTaken, review::Unsaid};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Unknown(what) => Self::not_found(what),
            Refusal::Foreign(_) => Self::permission_denied(text),
            Refusal::Stale(stale) => stale.into(),
            Refusal::Transition(illegal) => Self::failed_precondition("ILLEGAL_TRANSITION", text)
                .with("from", illegal.from.name())
                .with("attempt", illegal.attempt),
            Refusal::SkuTaken { place, .. } => Self::already_exists("SKU_TAKEN", text)
                .violating(format!("variants[{place}].sku"), "belongs to another product of this store"),
            Refusal::NotTaken(NotTaken::Completed) => Self::failed_precondition("IMPORT_COMPLETED", text),
            Refusal::NotTaken(NotTaken::OutOfOrder { next }) => Self::failed_precondition("ROWS_OUT_OF_ORDER", text).with("next_row", next),
            Refusal::NotTaken(NotTaken::Busy) => Self::new(Code::Aborted, "IMPORT_BUSY", text),
            Refusal::NotBought => Self::failed_precondition("NOT_BOUGHT", text),
            Refusal::NotSold => Self::failed_precondition("NOT_SOLD", text),
            Refusal::Unsaid(Unsaid::AlreadyWritten | Unsaid::BuyerAlreadyReviewed) => Self::already_exists("ALREADY_REVIEWED", text),
            Refusal::Unsaid(Unsaid::AlreadyAnswered) => Self::already_exists("ALREADY_ANSWERED", text),
            Refusal::Unsaid(Unsaid::NotWritten) => Self::not_found("review"),
            Refusal::Unsound(faults) => faults
                .into_iter()
                .fold(Self::failed_precondition("LISTING_NOT_SOUND", text), |problem, fault| {
                    problem.violating(format!("product.{}", fault.field), fault.reason)
                }),
            Refusal::Raced => Self::unavailable(text),
        }
    }
}
