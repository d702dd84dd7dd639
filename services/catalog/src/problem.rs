//! What a refusal is called outside.

use runtime::Problem;

use crate::domain::Refusal;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Unknown(what) => Self::not_found(what),
            Refusal::Foreign(_) => Self::permission_denied(text),
            Refusal::Stale { current } => Self::stale(current),
            Refusal::Transition(illegal) => Self::failed_precondition("ILLEGAL_TRANSITION", text)
                .with("from", illegal.from.name())
                .with("attempt", illegal.attempt),
            Refusal::SkuTaken { place, .. } => Self::already_exists("SKU_TAKEN", text)
                .violating(format!("variants[{place}].sku"), "belongs to another product of this store"),
            Refusal::Raced => Self::unavailable(text),
        }
    }
}
