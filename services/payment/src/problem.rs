//! What a refusal is called outside.

use runtime::Problem;

use crate::domain::Refusal;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::InsufficientFunds => Self::failed_precondition("INSUFFICIENT_FUNDS", text),
            Refusal::NoSuchPendingTransfer => Self::failed_precondition("PENDING_TRANSFER_NOT_FOUND", text),
            Refusal::ResolvedBefore => Self::failed_precondition("PENDING_TRANSFER_RESOLVED", text),
            Refusal::OtherPendingAmount => Self::failed_precondition("PENDING_TRANSFER_AMOUNT", text),
            Refusal::NoSuchPayment => Self::not_found("payment"),
            Refusal::IllegalTransition { state, .. } => Self::failed_precondition("ILLEGAL_STATE", text).with("state", state),
            Refusal::ProviderNotAsked => Self::unavailable(text),
            Refusal::NoProvider => Self::failed_precondition("NO_PAYMENT_PROVIDER", text),
            Refusal::NoSuchAttempt => Self::invalid_field("attempt", text),
            Refusal::TooManyAttempts => Self::failed_precondition("TOO_MANY_ATTEMPTS", text),
            Refusal::OtherAmounts => Self::already_exists("OTHER_AMOUNTS", text),
            Refusal::UnknownRecipient => Self::invalid_field("recipient_id", text),
            Refusal::RecipientFull => Self::failed_precondition("WALLET_FULL", text.clone()).violating("recipient_id", text),
            Refusal::WalletFull => Self::failed_precondition("WALLET_FULL", text.clone()).violating("method", text),
            Refusal::Overflow => Self::failed_precondition("AMOUNT_TOO_LARGE", text),
        }
    }
}
