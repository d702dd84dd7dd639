//! The nouns of payment. Pure.

pub(crate) mod account;
pub(crate) mod attempt;
pub(crate) mod escrow;
pub(crate) mod intent;
pub(crate) mod ledger;
pub(crate) mod payout;
pub(crate) mod pending;
mod reason;
pub(crate) mod seal;
pub(crate) mod transfer;

#[cfg(test)]
mod intent_tests;
#[cfg(test)]
mod ledger_tests;

use kernel::MoneyError;

/// Why the domain says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the wallet does not hold enough")]
    InsufficientFunds,
    #[error("there is no such pending transfer between these accounts")]
    NoSuchPendingTransfer,
    #[error("this pending transfer was posted or voided before")]
    ResolvedBefore,
    #[error("a pending transfer is posted up to its amount, or voided as a whole")]
    OtherPendingAmount,
    #[error("there is no such payment")]
    NoSuchPayment,
    #[error("a payment that is {state} cannot be {attempt}")]
    IllegalTransition { state: &'static str, attempt: &'static str },
    #[error("a provider may have this payment's money and has to be asked first")]
    ProviderNotAsked,
    #[error("no payment provider is set up here, so no money comes in from cards and banks or goes out to them")]
    NoProvider,
    #[error("this payment has no such attempt")]
    NoSuchAttempt,
    #[error("this payment was tried too often")]
    TooManyAttempts,
    #[error("this payment was opened for other amounts")]
    OtherAmounts,
    #[error("nobody has paid this recipient before")]
    UnknownRecipient,
    #[error("the recipient's wallet in this currency takes only what it is paid for orders")]
    RecipientFull,
    #[error("the wallet in this currency takes no more from providers, only what it is paid for orders")]
    WalletFull,
    #[error("an amount is too large")]
    Overflow,
}

impl From<MoneyError> for Refusal {
    fn from(_: MoneyError) -> Self {
        Self::Overflow
    }
}
