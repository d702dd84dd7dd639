//! Payment providers: whoever takes money from cards and banks and sends it to bank accounts.
//!
//! A provider is asked under a reference of ours, once or several times with one effect. It is never called inside a transaction, and what
//! it says is recorded afterwards; when we die in between, it is asked again by the same reference.

mod sandbox;

use kernel::Money;

pub(crate) use self::sandbox::Sandbox;
use crate::{domain::attempt::ChargeOutcome, store::sandbox_charge::Reference};

/// How a payer pays, as far as the provider needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// A token that stands for a card.
    Card(String),
    BankTransfer,
    Voucher(String),
}

/// What a bank says of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PayoutOutcome {
    /// The bank has taken it on.
    InTransit,
    Paid,
    /// The bank refused, or sends back what it had paid.
    Failed(String),
    /// It did not answer, or takes its time.
    Silent,
}

/// A payment provider.
#[tonic::async_trait]
pub(crate) trait Provider: Send + Sync {
    /// Takes money. Asking twice under one reference takes it once.
    async fn charge(&self, reference: Reference, amount: Money, means: &Means) -> ChargeOutcome;
    /// What became of a charge.
    async fn charge_status(&self, reference: Reference) -> ChargeOutcome;
    /// Sends money to a bank account. Asking twice under one reference sends it once, and says what has become of it.
    async fn pay_out(&self, reference: Reference, amount: Money, bank_account_token: &str) -> PayoutOutcome;
}
