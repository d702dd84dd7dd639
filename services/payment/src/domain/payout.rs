//! Money out of a wallet to a bank account.

use kernel::{Money, OrganisationId, PayoutId, Time};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Bound in the wallet; the bank is being asked.
    Pending,
    Paid,
    /// The money is free again.
    Failed,
}

impl State {
    pub(crate) const ALL: [Self; 3] = [Self::Pending, Self::Paid, Self::Failed];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Payout {
    pub(crate) id: PayoutId,
    pub(crate) owner: OrganisationId,
    pub(crate) amount: Money,
    pub(crate) bank_account_token: String,
    pub(crate) state: State,
    pub(crate) failure_reason: String,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

impl Payout {
    /// The bank has the money. True when that is news.
    pub(crate) fn paid(&mut self, now: Time) -> bool {
        self.settle(State::Paid, String::new(), now)
    }

    /// The bank refused. True when that is news.
    pub(crate) fn failed(&mut self, reason: String, now: Time) -> bool {
        self.settle(State::Failed, reason, now)
    }

    fn settle(&mut self, state: State, reason: String, now: Time) -> bool {
        match self.state {
            State::Pending => {
                (self.state, self.failure_reason, self.updated) = (state, reason, now);
                true
            }
            State::Paid | State::Failed => false,
        }
    }
}
