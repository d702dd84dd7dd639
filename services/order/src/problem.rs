//! What a refusal is called outside.

use runtime::Problem;
use tonic::Code;

use crate::domain::{Failure, FailureCode, Fault, FaultKind, Refusal};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::IllegalOrder { from, .. } | Refusal::IllegalCheckout { from, .. } => {
                Self::failed_precondition("ILLEGAL_STATE", text).with("state", from)
            }
            Refusal::IllegalQuotation { from, field, .. } => {
                let problem = Self::failed_precondition("ILLEGAL_STATE", text.clone()).with("state", from);
                match field {
                    Some(field) => problem.violating(field, text),
                    None => problem,
                }
            }
            Refusal::Stale(stale) => stale.into(),
            Refusal::NoSuchCheckout => Self::not_found("checkout"),
            Refusal::NoSuchOrder => Self::not_found("order"),
            Refusal::NoSuchQuotation { field: None } => Self::not_found("quotation"),
            Refusal::NoSuchQuotation { field: Some(field) } => Self::not_found("quotation").violating(field, text),
            Refusal::NotYours { .. } => Self::permission_denied(text),
            Refusal::EmptyCart => Self::failed_precondition("EMPTY_CART", text).violating("lines", "names nothing, and the cart is empty"),
            Refusal::CartChanged => Self::failed_precondition("CART_CHANGED", text),
            Refusal::FullCart => Self::failed_precondition("CART_FULL", text).violating("variant_id", "does not fit into the cart"),
        }
    }
}

impl From<&Failure> for Problem {
    fn from(failure: &Failure) -> Self {
        let problem = Self::new(Code::FailedPrecondition, failure.code.name(), failure.detail.clone());
        failure
            .lines
            .iter()
            .fold(problem, |problem, (field, description)| problem.violating(field, description))
    }
}

/// All faults of a basket at once, under the reason of the first.
pub(crate) fn faults(faults: Vec<Fault>) -> Problem {
    let reason = match faults.first().map(|fault| fault.kind) {
        Some(FaultKind::Currency { .. }) => "CURRENCIES_DIFFER",
        Some(FaultKind::OwnGoods) => "OWN_GOODS",
        Some(FaultKind::TooManyOrders) => "TOO_MANY_ORDERS",
        Some(FaultKind::TooLittle) => "AMOUNT_TOO_SMALL",
        Some(FaultKind::TooMuch) | None => FailureCode::AmountTooLarge.name(),
    };
    let detail = faults
        .first()
        .map(|fault| format!("{} {}", fault.field, fault.kind))
        .unwrap_or_default();
    faults
        .into_iter()
        .fold(Problem::failed_precondition(reason, detail), |problem, fault| {
            problem.violating(fault.field, fault.kind.to_string())
        })
}
