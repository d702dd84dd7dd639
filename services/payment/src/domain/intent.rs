//! Payment intents: one for a checkout, whatever the number of its sellers, or one for a top-up.

use std::time::Duration;

use kernel::{CheckoutId, Money, OrderId, OrganisationId, PaymentId, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Refusal,
    attempt::{Attempt, ChargeOutcome, Fate},
    reason,
};

/// Why an attempt came to nothing that no provider has heard of.
const NOT_ATTEMPTED: &str = "not_attempted";

/// How soon after it was asked to charge a provider is asked what became of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a provider has to hear of a charge at all: our call may still be on its way.
const HEARING: Duration = Duration::from_secs(300);

/// The longest wait between two questions about one charge.
const RAREST: Duration = Duration::from_secs(24 * 3_600);

/// How often a payment may be tried through providers.
const MOST_ATTEMPTS: u32 = 100;

/// What an order gets of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderAmount {
    /// The order.
    pub(crate) order: OrderId,
    /// Who sells.
    pub(crate) seller: OrganisationId,
    /// What goes into the order's escrow, the fee included; in the payment's currency, greater than zero.
    pub(crate) amount: Money,
    /// What of the amount the platform takes when it is released; from nothing to all of it.
    pub(crate) fee: Money,
}

kernel::named! {
    /// Where a payment stands.
    pub(crate) enum State {
        /// The payer has to say by what to pay: nothing was tried yet, or the last try came to nothing.
        RequiresPaymentMethod = "requires_payment_method",
        /// The payer has to do something at the provider, where [`Intent::action_url`] leads.
        RequiresAction = "requires_action",
        /// A provider is being asked, or takes its time.
        Processing = "processing",
        /// It is paid.
        Succeeded = "succeeded",
        /// Nobody is to pay any more.
        Cancelled = "cancelled",
        /// The provider did not answer: whether it took the money is being asked.
        Unknown = "unknown",
        /// The provider took another amount than ours, and the payer's wallet has it. Otherwise as if nothing had been paid.
        Conflicted = "conflicted",
    }
}

/// One payment. Who pays how much for what never changes once it is opened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Intent {
    /// Its id; order chooses that of a checkout's.
    pub(crate) id: PaymentId,
    /// Who pays; the owner.
    pub(crate) payer: OrganisationId,
    /// The checkout that it pays for. None for a top-up.
    pub(crate) checkout: Option<CheckoutId>,
    /// All that is to be paid: the sum of its orders, or the top-up.
    pub(crate) amount: Money,
    /// What each order gets of it. Empty for a top-up.
    pub(crate) orders: Vec<OrderAmount>,
    /// Why the last attempt failed, in the provider's words, shortened; empty while none has failed since the last one began.
    pub(crate) decline_reason: String,
    /// Where the payer goes on at the provider; of use while an action is required.
    pub(crate) action_url: String,
    /// When it was opened.
    pub(crate) created: Time,
    /// When its state last changed, or money was captured.
    pub(crate) updated: Time,
    pub(super) state: State,
    pub(super) attempts: u32,
    pub(super) charges: Vec<Attempt>,
}

/// What is to be done about what a provider said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// Captured money goes into the escrow of each order.
    FundEscrows,
    /// This much was captured and goes into the payer's wallet: a top-up,
    /// another amount than ours, or money that came too late for its checkout.
    CreditWallet(Money),
    /// The payer is told that the attempt failed, and may make another one.
    TellDeclined,
    /// No money has moved, or it was dealt with when it did.
    Nothing,
}

/// What becomes of a request to cancel an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancellation {
    /// It is cancelled now.
    Done,
    /// It was cancelled before.
    Known,
    /// It is paid.
    Paid,
    /// Money may be on its way: ask again.
    BeingPaid,
}

impl Intent {
    /// A payment that waits for its payer. `amount` is the sum of the orders,
    /// or what a top-up brings, which has neither checkout nor orders.
    pub(crate) fn open(
        id: PaymentId,
        payer: OrganisationId,
        checkout: Option<CheckoutId>,
        orders: Vec<OrderAmount>,
        amount: Money,
        now: Time,
    ) -> Self {
        Self {
            id,
            payer,
            checkout,
            amount,
            orders,
            decline_reason: String::new(),
            action_url: String::new(),
            created: now,
            updated: now,
            state: State::RequiresPaymentMethod,
            attempts: 0,
            charges: Vec::new(),
        }
    }

    /// What stands for an intent that was cancelled before it was opened: opening it later is refused. Who would have paid in which
    /// currency is not known and does not matter any more: nobody, no dollars.
    pub(crate) fn tombstone(id: PaymentId, now: Time) -> Self {
        let (nobody, usd) = (OrganisationId::from_uuid(Uuid::nil()), "USD".parse().expect("USD is a currency"));
        Self {
            state: State::Cancelled,
            ..Self::open(id, nobody, None, Vec::new(), Money::zero(usd), now)
        }
    }

    /// Whether it stands for an intent that was never opened. Those that were are about some money.
    pub(crate) fn is_tombstone(&self) -> bool {
        self.state == State::Cancelled && self.amount.is_zero()
    }

    /// An intent in any state, as a row tells it. Only the store makes intents this way.
    pub(crate) fn restored(self, state: State, attempts: u32, charges: Vec<Attempt>) -> Self {
        Self {
            state,
            attempts,
            charges,
            ..self
        }
    }

    /// Where it stands.
    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// How often a provider was asked to charge; each time under a reference of its own.
    pub(crate) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Those of the attempts that matter still.
    pub(crate) fn charges(&self) -> &[Attempt] {
        &self.charges
    }

    /// The payer's wallet pays. A provider that may have the money too must have been `asked` lately.
    pub(crate) fn pay_from_wallet(&mut self, asked: bool, now: Time) -> Result<(), Refusal> {
        match self.state {
            State::RequiresPaymentMethod | State::RequiresAction | State::Conflicted if !asked && self.undecided().next().is_some() => {
                Err(Refusal::ProviderNotAsked)
            }
            State::RequiresPaymentMethod | State::RequiresAction | State::Conflicted => {
                self.enter(State::Succeeded, now);
                self.decline_reason.clear();
                Ok(())
            }
            state @ (State::Processing | State::Unknown | State::Succeeded | State::Cancelled) => Err(Refusal::IllegalTransition {
                state: state.name(),
                attempt: "paid from the wallet",
            }),
        }
    }

    /// A provider is about to be asked to charge.
    pub(crate) fn begin_charge(&mut self, now: Time) -> Result<(), Refusal> {
        match self.state {
            State::RequiresPaymentMethod | State::RequiresAction | State::Conflicted if self.attempts >= MOST_ATTEMPTS => {
                Err(Refusal::TooManyAttempts)
            }
            State::RequiresPaymentMethod | State::RequiresAction | State::Conflicted => {
                self.attempts += 1;
                self.action_url.clear();
                self.ask(now);
                Ok(())
            }
            state @ (State::Processing | State::Unknown | State::Succeeded | State::Cancelled) => Err(Refusal::IllegalTransition {
                state: state.name(),
                attempt: "charged",
            }),
        }
    }

    /// The request behind this attempt has come again, and the provider never heard of it the first time: it is asked now, under the same
    /// reference. Anything that happened since stands: false.
    pub(crate) fn charge_again(&mut self, attempt: u32, now: Time) -> bool {
        let again = self.was_never_asked(attempt);
        if again {
            self.ask(now);
        }
        again
    }

    fn ask(&mut self, now: Time) {
        self.charges.retain(|charge| charge.fate != Fate::Unheard);
        self.note(self.attempts, Fate::Open, now);
        self.decline_reason.clear();
        self.enter(State::Processing, now);
    }

    /// Whether the provider says that it never heard of this attempt, and nothing came of the intent since.
    pub(crate) fn was_never_asked(&self, attempt: u32) -> bool {
        let mut charges = self.charges.iter();
        let unheard = charges.any(|charge| charge.number == attempt && charge.fate == Fate::Unheard);
        unheard && self.state == State::RequiresPaymentMethod && self.attempts == attempt
    }

    /// Whether a provider is to be asked for this attempt's money, for the first time or once more.
    pub(crate) fn is_asking(&self, attempt: u32) -> bool {
        self.attempts == attempt && matches!(self.state, State::Processing | State::Unknown)
    }

    /// The attempts of which the provider has not said its last word. Whatever became of the intent, it may take the money still.
    pub(crate) fn undecided(&self) -> impl Iterator<Item = &Attempt> {
        self.charges.iter().filter(|charge| charge.fate == Fate::Open)
    }

    /// What its undecided attempts bring in if all of them succeed, in minor units.
    pub(crate) fn coming(&self) -> i128 {
        self.undecided().map(|_| i128::from(self.amount.minor_units())).sum()
    }

    /// When the provider is to be asked about undecided attempts: in the time that the newest of them is old, so ever more rarely.
    pub(crate) fn ask_at(&self, now: Time) -> Option<Time> {
        let age = self.undecided().map(|charge| now.since(charge.begun)).min()?;
        Some(now.plus(age.clamp(PATIENCE, RAREST)))
    }

    /// The provider has spoken of the charge of this attempt. A fact: every
    /// state takes it, and it may come twice, late, or before we asked.
    pub(crate) fn heard(&mut self, attempt: u32, charge: ChargeOutcome, now: Time) -> Consequence {
        let current = attempt == self.attempts && matches!(self.state, State::Processing | State::Unknown | State::RequiresAction);
        match charge {
            ChargeOutcome::Captured(amount) => return self.captured(attempt, amount, now),
            ChargeOutcome::Declined(words) => {
                self.decided(attempt);
                if current {
                    self.decline_reason = reason::told(&words);
                    self.enter(State::RequiresPaymentMethod, now);
                    return Consequence::TellDeclined;
                }
            }
            ChargeOutcome::ActionRequired(url) if current => {
                self.action_url = url;
                self.enter(State::RequiresAction, now);
            }
            ChargeOutcome::Pending if current => self.enter(State::Processing, now),
            ChargeOutcome::Silent if current => self.enter(State::Unknown, now),
            // We died before we asked: the payer tries again, with the same request or another one.
            ChargeOutcome::Unheard
                if self
                    .undecided()
                    .any(|charge| charge.number == attempt && now.since(charge.begun) >= HEARING) =>
            {
                self.decided(attempt);
                if current {
                    self.note(attempt, Fate::Unheard, now);
                    self.decline_reason = NOT_ATTEMPTED.to_owned();
                    self.enter(State::RequiresPaymentMethod, now);
                }
            }
            ChargeOutcome::Pending | ChargeOutcome::ActionRequired(_) | ChargeOutcome::Silent | ChargeOutcome::Unheard => {}
        }
        Consequence::Nothing
    }

    /// The provider has this money. It is taken in once for each attempt.
    fn captured(&mut self, attempt: u32, amount: Money, now: Time) -> Consequence {
        let mut charges = self.charges.iter();
        if charges.any(|charge| charge.number == attempt && charge.fate == Fate::Captured) {
            return Consequence::Nothing;
        }
        self.decided(attempt);
        self.note(attempt, Fate::Captured, now);
        self.updated = now;
        // A ledger has no transfer of nothing.
        let credit = if amount.is_positive() {
            Consequence::CreditWallet(amount)
        } else {
            Consequence::Nothing
        };
        match self.state {
            // Too late for the checkout, or paid twice: the money is the payer's.
            State::Cancelled | State::Succeeded => credit,
            State::Processing | State::Unknown | State::RequiresAction | State::RequiresPaymentMethod | State::Conflicted => {
                if amount == self.amount {
                    self.decline_reason.clear();
                    self.enter(State::Succeeded, now);
                    return if self.checkout.is_some() {
                        Consequence::FundEscrows
                    } else {
                        credit
                    };
                }
                // While a newer attempt is under way, that one decides.
                if attempt == self.attempts {
                    self.enter(State::Conflicted, now);
                }
                credit
            }
        }
    }

    fn decided(&mut self, attempt: u32) {
        let matters = |charge: &Attempt| charge.fate == Fate::Captured || charge.number != attempt;
        self.charges.retain(matters);
    }

    fn note(&mut self, number: u32, fate: Fate, begun: Time) {
        self.charges.push(Attempt { number, begun, fate });
    }

    /// Nobody shall pay any more. That is impossible once the money is there, or while a provider may have it.
    pub(crate) fn cancel(&mut self, now: Time) -> Cancellation {
        match self.state {
            State::RequiresPaymentMethod | State::RequiresAction | State::Conflicted => {
                self.enter(State::Cancelled, now);
                Cancellation::Done
            }
            State::Cancelled => Cancellation::Known,
            State::Succeeded => Cancellation::Paid,
            State::Processing | State::Unknown => Cancellation::BeingPaid,
        }
    }

    fn enter(&mut self, state: State, now: Time) {
        if self.state != state {
            self.state = state;
            self.updated = now;
        }
    }
}
