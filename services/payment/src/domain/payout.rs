//! Money out of a wallet to a bank account.

use std::time::Duration;

use kernel::{Money, OrganisationId, PayoutId, Time};

use super::reason;

/// How soon the bank is asked what became of money that is on its way.
const SOONEST: Duration = Duration::from_secs(5);

/// The longest wait between two such questions.
const RAREST: Duration = Duration::from_secs(24 * 3_600);

kernel::named! {
    /// Where a payout stands.
    pub(crate) enum State {
        /// Bound in the wallet; the bank is being asked.
        Pending = "pending",
        /// Bound in the wallet; the bank has taken it on.
        InTransit = "in_transit",
        /// It is in the bank account, and out of the wallet.
        Paid = "paid",
        /// The money is free again.
        Failed = "failed",
        /// The bank had paid, and the money came back.
        Returned = "returned",
    }
}

/// One payout. Whose money goes where never changes once it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Payout {
    /// Its id.
    pub(crate) id: PayoutId,
    /// Whose wallet it comes out of.
    pub(crate) owner: OrganisationId,
    /// What is paid out, greater than zero.
    pub(crate) amount: Money,
    /// The provider's name for the bank account.
    pub(crate) bank_account_token: String,
    /// When it was asked for.
    pub(crate) created: Time,
    state: State,
    failure_reason: String,
    updated: Time,
}

/// What is to be done about what the bank said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// What was bound moves.
    Post,
    /// What was bound is free again.
    Void,
    /// What has moved comes back.
    CreditAgain,
    /// The bank says what is known, or what changes nothing any more.
    Nothing,
}

impl Payout {
    /// A payout that the bank is to be asked for now.
    pub(crate) const fn request(id: PayoutId, owner: OrganisationId, amount: Money, bank_account_token: String, now: Time) -> Self {
        Self {
            id,
            owner,
            amount,
            bank_account_token,
            created: now,
            state: State::Pending,
            failure_reason: String::new(),
            updated: now,
        }
    }

    /// A payout in any state, as a row tells it. Only the store makes payouts this way.
    pub(crate) fn restored(self, state: State, failure_reason: String, updated: Time) -> Self {
        Self {
            state,
            failure_reason,
            updated,
            ..self
        }
    }

    /// Where it stands.
    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// Why it failed or came back, in the bank's words, shortened; empty otherwise.
    pub(crate) fn failure_reason(&self) -> &str {
        &self.failure_reason
    }

    /// When its state last changed.
    pub(crate) const fn updated(&self) -> Time {
        self.updated
    }

    /// Whether the bank has not said its last word, so far as we know.
    pub(crate) const fn is_under_way(&self) -> bool {
        match self.state {
            State::Pending | State::InTransit => true,
            State::Paid | State::Failed | State::Returned => false,
        }
    }

    /// When the bank is to be asked again: in the time that the payout is old, so ever more rarely.
    pub(crate) fn ask_at(&self, now: Time) -> Time {
        now.plus(now.since(self.created).clamp(SOONEST, RAREST))
    }

    /// The bank has taken it on. A fact like those below: every state takes it, and it may come twice, late or before others.
    pub(crate) fn in_transit(&mut self, now: Time) -> Consequence {
        match self.state {
            State::Pending => self.enter(State::InTransit, now),
            State::InTransit | State::Paid | State::Failed | State::Returned => {}
        }
        Consequence::Nothing
    }

    /// The account has the money.
    pub(crate) fn paid(&mut self, now: Time) -> Consequence {
        match self.state {
            State::Pending | State::InTransit => {
                self.enter(State::Paid, now);
                Consequence::Post
            }
            State::Paid | State::Failed | State::Returned => Consequence::Nothing,
        }
    }

    /// The bank refused, or sends the money back.
    pub(crate) fn failed(&mut self, words: &str, now: Time) -> Consequence {
        let (state, consequence) = match self.state {
            State::Pending | State::InTransit => (State::Failed, Consequence::Void),
            State::Paid => (State::Returned, Consequence::CreditAgain),
            State::Failed | State::Returned => return Consequence::Nothing,
        };
        self.failure_reason = reason::told(words);
        self.enter(state, now);
        consequence
    }

    fn enter(&mut self, state: State, now: Time) {
        (self.state, self.updated) = (state, now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payout() -> Payout {
        let (now, amount) = (Time::default(), Money::new(100, "USD".parse().unwrap()));
        Payout::request(PayoutId::at(now), OrganisationId::at(now), amount, "bank_ok".to_owned(), now)
    }

    #[test]
    fn what_was_paid_may_come_back_once() {
        let (mut payout, now) = (payout(), Time::default());
        assert_eq!(payout.in_transit(now), Consequence::Nothing);
        assert_eq!((payout.state, payout.is_under_way()), (State::InTransit, true));
        assert_eq!(payout.paid(now), Consequence::Post);
        assert_eq!(payout.failed("account_closed", now), Consequence::CreditAgain);
        assert_eq!((payout.state, payout.failure_reason.as_str()), (State::Returned, "account_closed"));
        assert_eq!(payout.failed("account_closed", now), Consequence::Nothing);
    }

    #[test]
    fn what_comes_back_before_it_was_known_to_be_paid_never_left() {
        let (mut payout, now) = (payout(), Time::default());
        assert_eq!(payout.failed("account_closed", now), Consequence::Void);
        assert_eq!(payout.paid(now), Consequence::Nothing);
        assert_eq!(payout.in_transit(now), Consequence::Nothing);
        assert_eq!(payout.state, State::Failed);
    }

    proptest! {
        /// The money is bound, with the bank or in the wallet, in whatever order and however often the bank says what.
        #[test]
        fn money_is_in_one_place(facts in prop::collection::vec(0u8..3, 0..12)) {
            let mut payout = payout();
            let (mut bound, mut gone) = (1, 0);
            for fact in facts {
                let consequence = match fact {
                    0 => payout.in_transit(Time::default()),
                    1 => payout.paid(Time::default()),
                    _ => payout.failed("refused", Time::default()),
                };
                match consequence {
                    Consequence::Post => (bound, gone) = (bound - 1, gone + 1),
                    Consequence::Void => bound -= 1,
                    Consequence::CreditAgain => gone -= 1,
                    Consequence::Nothing => {}
                }
                prop_assert_eq!(bound == 1, payout.is_under_way());
                prop_assert_eq!(gone == 1, payout.state == State::Paid);
                prop_assert!(bound >= 0 && gone >= 0);
            }
        }
    }
}
