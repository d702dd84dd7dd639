//! The sandbox provider: moves no real money, and remembers what it was asked across crashes, as a real one does.
//!
//! Card tokens: `tok_visa` succeeds; `tok_declined_<reason>` is declined for that reason; `tok_action` wants the payer to
//! act; `tok_late` takes its time; of both a signed callback says what became of them. `tok_timeout` takes the money and
//! does not answer; `tok_wrong_amount` takes one minor unit less. Bank transfers succeed. Vouchers that begin with
//! `SANDBOX-` succeed. Payouts to `bank_closed` fail, and those to `bank_late` are in transit until a signed callback says
//! what became of them, as it may also say later that the money came back.

use std::convert::Infallible;

use kernel::Money;
use store::{Cause, Error, Keys, Store, Stored};

use super::{Means, PayoutOutcome, Provider};
use crate::{
    domain::attempt::ChargeOutcome,
    store::sandbox_charge::{Reference, SandboxCharge},
};

pub(crate) struct Sandbox {
    store: Store,
}

impl Sandbox {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Remembers what it does under a reference; the first time counts.
    async fn remember(&self, charge: SandboxCharge) -> Option<SandboxCharge> {
        let reference = charge.reference;
        let keys = Keys::new().one::<SandboxCharge>(reference);
        let remember = move |work: &mut store::Work| {
            if work.get::<SandboxCharge>(reference).is_none() {
                work.insert(charge.clone());
            }
            Ok(())
        };
        self.store.execute::<(), (), _>(Cause::told_by_rows(), keys, remember).await.ok()?;
        self.recall(reference).await.ok()?
    }

    async fn recall(&self, reference: Reference) -> Result<Option<SandboxCharge>, Error<Infallible>> {
        let known = self.store.get::<SandboxCharge>(reference).await?;
        Ok(known.map(Stored::into_inner))
    }
}

#[tonic::async_trait]
impl Provider for Sandbox {
    async fn charge(&self, reference: Reference, amount: Money, means: &Means) -> ChargeOutcome {
        let (outcome, taken, answers) = match means {
            Means::Card(token) => match token.as_str() {
                "tok_visa" => ("captured".to_owned(), amount, true),
                "tok_late" => ("pending".to_owned(), amount, true),
                "tok_timeout" => ("captured".to_owned(), amount, false),
                "tok_wrong_amount" => ("captured".to_owned(), Money::new(amount.minor_units() - 1, amount.currency()), true),
                "tok_action" => (format!("action:https://sandbox.tradewind.dev/act/{reference}"), amount, true),
                token => (
                    format!("declined:{}", token.strip_prefix("tok_declined_").unwrap_or("unknown_token")),
                    amount,
                    true,
                ),
            },
            Means::BankTransfer => ("captured".to_owned(), amount, true),
            Means::Voucher(code) if code.starts_with("SANDBOX-") => ("captured".to_owned(), amount, true),
            Means::Voucher(_) => ("declined:unknown_voucher".to_owned(), amount, true),
        };
        let charged = self
            .remember(SandboxCharge {
                reference,
                amount: taken,
                outcome,
            })
            .await;
        charged.filter(|_| answers).map_or(ChargeOutcome::Silent, |charge| answer(&charge))
    }

    async fn charge_status(&self, reference: Reference) -> ChargeOutcome {
        match self.recall(reference).await {
            Ok(Some(charge)) => answer(&charge),
            Ok(None) => ChargeOutcome::Unheard,
            Err(_) => ChargeOutcome::Silent,
        }
    }

    async fn pay_out(&self, reference: Reference, amount: Money, bank_account_token: &str) -> PayoutOutcome {
        let outcome = match bank_account_token {
            "bank_closed" => "declined:account_closed",
            "bank_late" => "pending",
            _ => "captured",
        };
        let sent = self
            .remember(SandboxCharge {
                reference,
                amount,
                outcome: outcome.to_owned(),
            })
            .await;
        match sent.map(|sent| answer(&sent)) {
            Some(ChargeOutcome::Captured(_)) => PayoutOutcome::Paid,
            Some(ChargeOutcome::Declined(reason)) => PayoutOutcome::Failed(reason),
            Some(ChargeOutcome::Pending) => PayoutOutcome::InTransit,
            Some(ChargeOutcome::ActionRequired(_) | ChargeOutcome::Silent | ChargeOutcome::Unheard) | None => PayoutOutcome::Silent,
        }
    }
}

fn answer(charge: &SandboxCharge) -> ChargeOutcome {
    if let Some(reason) = charge.outcome.strip_prefix("declined:") {
        ChargeOutcome::Declined(reason.to_owned())
    } else if let Some(url) = charge.outcome.strip_prefix("action:") {
        ChargeOutcome::ActionRequired(url.to_owned())
    } else if charge.outcome == "pending" {
        ChargeOutcome::Pending
    } else {
        ChargeOutcome::Captured(charge.amount)
    }
}
