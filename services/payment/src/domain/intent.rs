//! Payment intents: one for a checkout, whatever the number of its sellers, or one for a top-up.

use kernel::{CheckoutId, Currency, Money, OrderId, OrganisationId, PaymentId, Time};
use serde::{Deserialize, Serialize};

use super::Refusal;

/// Why an attempt came to nothing that no provider has heard of.
const NOT_ATTEMPTED: &str = "not_attempted";

/// What an order gets of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderAmount {
    pub(crate) order: OrderId,
    pub(crate) seller: OrganisationId,
    pub(crate) amount: Money,
    pub(crate) fee: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    RequiresPaymentMethod,
    RequiresAction,
    /// A provider is being asked, or takes its time.
    Processing,
    Succeeded,
    Cancelled,
    /// The provider did not answer: whether it took the money is being asked.
    Unknown,
    /// The provider took another amount than ours; an operator decides.
    Conflicted,
}

impl State {
    pub(crate) const ALL: [Self; 7] = [
        Self::RequiresPaymentMethod,
        Self::RequiresAction,
        Self::Processing,
        Self::Succeeded,
        Self::Cancelled,
        Self::Unknown,
        Self::Conflicted,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::Conflicted => "conflicted",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Intent {
    pub(crate) id: PaymentId,
    pub(crate) payer: OrganisationId,
    /// None for a top-up.
    pub(crate) checkout: Option<CheckoutId>,
    pub(crate) amount: Money,
    /// Empty for a top-up.
    pub(crate) orders: Vec<OrderAmount>,
    pub(crate) state: State,
    /// How often a provider was asked to charge; each time under a reference of its own.
    pub(crate) attempts: u32,
    pub(crate) decline_reason: String,
    pub(crate) action_url: String,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

/// What a provider says of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// It has the money: this much.
    Captured(Money),
    Declined(String),
    ActionRequired(String),
    /// It takes its time.
    Pending,
    /// It did not answer, so it may have the money or not.
    Silent,
    /// It never heard of the charge.
    Unheard,
}

/// What is to be done about what a provider said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// Captured money goes into the escrow of each order.
    FundEscrows,
    /// Captured money goes into the payer's wallet: a top-up, or money that came too late for its checkout.
    CreditWallet,
    /// The payer is told that the attempt failed, and may make another one.
    TellDeclined,
    /// No money has moved, or it was dealt with when it did.
    Nothing,
}

/// What becomes of the wish to cancel an intent.
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
            state: State::RequiresPaymentMethod,
            attempts: 0,
            decline_reason: String::new(),
            action_url: String::new(),
            created: now,
            updated: now,
        }
    }

    /// What stands for an intent that was cancelled before it was opened: opening it later is refused.
    pub(crate) fn tombstone(id: PaymentId, payer: OrganisationId, currency: Currency, now: Time) -> Self {
        Self {
            state: State::Cancelled,
            ..Self::open(id, payer, None, Vec::new(), Money::zero(currency), now)
        }
    }

    /// The payer's wallet pays.
    pub(crate) fn pay_from_wallet(&mut self, now: Time) -> Result<(), Refusal> {
        match self.state {
            State::RequiresPaymentMethod | State::RequiresAction => {
                self.enter(State::Succeeded, now);
                self.decline_reason.clear();
                Ok(())
            }
            state => Err(Refusal::IllegalTransition {
                state: state.name(),
                attempt: "paid from the wallet",
            }),
        }
    }

    /// A provider is about to be asked to charge.
    pub(crate) fn begin_charge(&mut self, now: Time) -> Result<(), Refusal> {
        match self.state {
            State::RequiresPaymentMethod | State::RequiresAction => {
                self.attempts += 1;
                self.decline_reason.clear();
                self.action_url.clear();
                self.enter(State::Processing, now);
                Ok(())
            }
            state => Err(Refusal::IllegalTransition {
                state: state.name(),
                attempt: "charged",
            }),
        }
    }

    /// The request behind this attempt has come again, and the provider never heard of it the first time: it is asked now, under the same reference.
    /// Anything that happened since stands: false.
    pub(crate) fn charge_again(&mut self, attempt: u32, now: Time) -> bool {
        let again = self.was_never_asked(attempt);
        if again {
            self.decline_reason.clear();
            self.enter(State::Processing, now);
        }
        again
    }

    /// Whether the provider says that it never heard of this attempt, and nothing came of the intent since.
    pub(crate) fn was_never_asked(&self, attempt: u32) -> bool {
        let open = self.state == State::RequiresPaymentMethod && self.attempts == attempt;
        open && self.decline_reason == NOT_ATTEMPTED
    }

    /// The provider has spoken of the charge of this attempt. A fact: every state takes it, and it may come twice, late, or before we asked.
    pub(crate) fn heard(&mut self, attempt: u32, charge: Charge, now: Time) -> Consequence {
        let current = attempt == self.attempts && matches!(self.state, State::Processing | State::Unknown | State::RequiresAction);
        match charge {
            Charge::Captured(amount) if amount != self.amount => {
                self.enter(State::Conflicted, now);
                Consequence::Nothing
            }
            Charge::Captured(_) => match self.state {
                State::Processing | State::Unknown | State::RequiresAction | State::RequiresPaymentMethod => {
                    self.enter(State::Succeeded, now);
                    if self.checkout.is_some() {
                        Consequence::FundEscrows
                    } else {
                        Consequence::CreditWallet
                    }
                }
                // Too late for the checkout, or paid twice: the money is the payer's.
                State::Cancelled | State::Succeeded => Consequence::CreditWallet,
                State::Conflicted => Consequence::Nothing,
            },
            Charge::Declined(reason) if current => {
                self.decline_reason = reason;
                self.enter(State::RequiresPaymentMethod, now);
                Consequence::TellDeclined
            }
            Charge::ActionRequired(url) if current => {
                self.action_url = url;
                self.enter(State::RequiresAction, now);
                Consequence::Nothing
            }
            Charge::Silent if current => {
                self.enter(State::Unknown, now);
                Consequence::Nothing
            }
            // We died before we asked: the payer tries again, with the same request or another one.
            Charge::Unheard if current => {
                self.decline_reason = NOT_ATTEMPTED.to_owned();
                self.enter(State::RequiresPaymentMethod, now);
                Consequence::Nothing
            }
            Charge::Pending | Charge::Declined(_) | Charge::ActionRequired(_) | Charge::Silent | Charge::Unheard => Consequence::Nothing,
        }
    }

    /// Nobody shall pay any more. That is impossible once the money is there, or while a provider may have it.
    pub(crate) fn cancel(&mut self, now: Time) -> Cancellation {
        match self.state {
            State::RequiresPaymentMethod | State::RequiresAction => {
                self.enter(State::Cancelled, now);
                Cancellation::Done
            }
            State::Cancelled => Cancellation::Known,
            State::Succeeded => Cancellation::Paid,
            State::Processing | State::Unknown | State::Conflicted => Cancellation::BeingPaid,
        }
    }

    fn enter(&mut self, state: State, now: Time) {
        self.state = state;
        self.updated = now;
    }
}
