//! What providers may say, in any order and as often as they like.

use std::{collections::HashSet, time::Duration};

use kernel::{CheckoutId, Money, OrganisationId, PaymentId, Time};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Refusal, attempt::*, intent::*};

fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, "USD".parse().unwrap())
}

/// When a provider that never heard of a charge will not hear of it any more.
fn later() -> Time {
    Time::default().plus(Duration::from_secs(300))
}

fn intent() -> Intent {
    let now = Time::default();
    let payer = OrganisationId::from_uuid(Uuid::nil());
    Intent::open(PaymentId::at(now), payer, Some(CheckoutId::at(now)), Vec::new(), usd(100), now)
}

#[test]
fn a_decline_leaves_the_intent_open_for_another_try() {
    let mut intent = intent();
    intent.begin_charge(Time::default()).unwrap();
    let declined = || ChargeOutcome::Declined("card_declined".to_owned());
    assert_eq!(intent.heard(1, declined(), Time::default()), Consequence::TellDeclined);
    assert_eq!(
        (intent.state, intent.decline_reason.as_str()),
        (State::RequiresPaymentMethod, "card_declined")
    );
    assert_eq!(
        intent.heard(1, declined(), Time::default()),
        Consequence::Nothing,
        "it is told once"
    );
    intent.pay_from_wallet(false, Time::default()).unwrap();
}

#[test]
fn an_attempt_that_no_provider_heard_of_goes_on_when_its_request_comes_again() {
    let (mut intent, now) = (intent(), Time::default());
    intent.begin_charge(now).unwrap();
    assert!(!intent.charge_again(1, now), "the provider may still hear of it");
    intent.heard(1, ChargeOutcome::Unheard, now);
    assert_eq!(intent.state, State::Processing, "it may still be on its way");
    intent.heard(1, ChargeOutcome::Unheard, later());
    assert_eq!(intent.state, State::RequiresPaymentMethod);
    assert!(intent.charge_again(1, now));
    assert_eq!((intent.state, intent.attempts), (State::Processing, 1));
    intent.heard(1, ChargeOutcome::Declined("not_attempted".to_owned()), now);
    assert!(!intent.charge_again(1, now), "it was declined, whatever the provider calls that");
}

#[test]
fn that_nobody_heard_of_an_attempt_may_be_heard_twice() {
    let (mut intent, now) = (intent(), Time::default());
    intent.begin_charge(now).unwrap();
    for _ in 0..2 {
        intent.heard(1, ChargeOutcome::Unheard, later());
    }
    assert_eq!(intent.decline_reason, "not_attempted");
    assert!(intent.charge_again(1, now));
    assert_eq!(intent.undecided().count(), 1);
}

#[test]
fn an_attempt_does_not_go_on_after_another_one_or_a_cancellation() {
    let now = Time::default();
    let unheard = || {
        let mut intent = intent();
        intent.begin_charge(now).unwrap();
        intent.heard(1, ChargeOutcome::Unheard, later());
        intent
    };
    let mut other = unheard();
    other.begin_charge(now).unwrap();
    other.heard(2, ChargeOutcome::Unheard, later());
    assert!(!other.charge_again(1, now));
    let mut cancelled = unheard();
    assert_eq!(cancelled.cancel(now), Cancellation::Done);
    assert!(!cancelled.charge_again(1, now));
}

#[test]
fn what_may_have_been_taken_cannot_be_cancelled() {
    let mut intent = intent();
    intent.begin_charge(Time::default()).unwrap();
    assert_eq!(intent.cancel(Time::default()), Cancellation::BeingPaid);
    intent.heard(1, ChargeOutcome::Silent, Time::default());
    assert_eq!(intent.state, State::Unknown);
    assert_eq!(intent.cancel(Time::default()), Cancellation::BeingPaid);
    assert_eq!(
        intent.heard(1, ChargeOutcome::Captured(usd(100)), Time::default()),
        Consequence::FundEscrows
    );
}

#[test]
fn money_that_comes_after_the_cancellation_is_the_payers() {
    let mut intent = intent();
    assert_eq!(intent.cancel(Time::default()), Cancellation::Done);
    assert_eq!(
        intent.heard(1, ChargeOutcome::Captured(usd(100)), Time::default()),
        Consequence::CreditWallet(usd(100))
    );
    assert_eq!(intent.state, State::Cancelled);
}

#[test]
fn only_what_was_never_opened_is_a_tombstone() {
    let now = Time::default();
    let mut top_up = Intent::open(PaymentId::at(now), OrganisationId::at(now), None, Vec::new(), usd(1), now);
    let mut checkout = intent();
    assert_eq!((top_up.cancel(now), checkout.cancel(now)), (Cancellation::Done, Cancellation::Done));
    assert!(!top_up.is_tombstone() && !checkout.is_tombstone());
    let mut tombstone = Intent::tombstone(PaymentId::at(now), now);
    assert_eq!(tombstone.cancel(now), Cancellation::Known);
    assert!(tombstone.is_tombstone());
}

#[test]
fn what_was_captured_once_is_known_for_good() {
    let mut intent = intent();
    intent.begin_charge(Time::default()).unwrap();
    assert_eq!(
        intent.heard(1, ChargeOutcome::Captured(usd(100)), Time::default()),
        Consequence::FundEscrows
    );
    for amount in [100, 99] {
        assert_eq!(intent.heard(1, ChargeOutcome::Captured(usd(amount)), later()), Consequence::Nothing);
    }
    assert_eq!(intent.state, State::Succeeded);
    assert_eq!(
        intent.heard(2, ChargeOutcome::Captured(usd(100)), later()),
        Consequence::CreditWallet(usd(100)),
        "another attempt is other money"
    );
}

#[test]
fn a_charge_is_asked_about_ever_more_rarely_until_the_provider_has_said_its_last_word() {
    let (mut intent, start) = (intent(), Time::default());
    let after = |seconds| start.plus(Duration::from_secs(seconds));
    intent.begin_charge(start).unwrap();
    intent.heard(1, ChargeOutcome::ActionRequired("https://act".to_owned()), start);
    assert_eq!(intent.ask_at(start), Some(after(5)));
    assert_eq!(intent.ask_at(after(60)), Some(after(120)));
    assert_eq!(intent.ask_at(after(1_000_000)), Some(after(1_086_400)));
    intent.cancel(start);
    assert_eq!(
        intent.undecided().map(|charge| charge.number).collect::<Vec<_>>(),
        [1],
        "it may be captured still"
    );
    intent.heard(1, ChargeOutcome::Declined("expired".to_owned()), start);
    assert_eq!((intent.state, intent.ask_at(start)), (State::Cancelled, None));
}

#[test]
fn a_wallet_pays_only_after_a_provider_that_may_have_the_money_was_asked() {
    let (mut intent, now) = (intent(), Time::default());
    intent.begin_charge(now).unwrap();
    intent.heard(1, ChargeOutcome::ActionRequired("https://act".to_owned()), now);
    assert_eq!(intent.pay_from_wallet(false, now), Err(Refusal::ProviderNotAsked));
    intent.pay_from_wallet(true, now).unwrap();
}

#[test]
fn who_has_acted_cannot_cancel_while_the_provider_takes_its_time() {
    let (mut intent, now) = (intent(), Time::default());
    intent.begin_charge(now).unwrap();
    intent.heard(1, ChargeOutcome::ActionRequired("https://act".to_owned()), now);
    intent.heard(1, ChargeOutcome::Pending, now);
    assert_eq!(intent.cancel(now), Cancellation::BeingPaid);
}

#[test]
fn providers_are_asked_for_one_payment_so_often_and_no_more() {
    let (mut intent, now) = (intent(), Time::default());
    for attempt in 1..=100 {
        intent.begin_charge(now).unwrap();
        intent.heard(attempt, ChargeOutcome::Declined("card_declined".to_owned()), now);
    }
    assert_eq!(intent.begin_charge(now), Err(Refusal::TooManyAttempts));
    intent.pay_from_wallet(true, now).unwrap();
}

#[test]
fn another_amount_than_ours_is_the_payers_and_leaves_the_intent_to_be_paid_or_cancelled() {
    let now = Time::default();
    let conflicted = || {
        let mut intent = intent();
        intent.begin_charge(now).unwrap();
        let credited = Consequence::CreditWallet(usd(99));
        assert_eq!(intent.heard(1, ChargeOutcome::Captured(usd(99)), now), credited);
        assert_eq!(intent.state, State::Conflicted);
        intent
    };
    assert_eq!(conflicted().cancel(now), Cancellation::Done);
    conflicted().pay_from_wallet(true, now).unwrap();
    let mut again = conflicted();
    again.begin_charge(now).unwrap();
    assert_eq!(again.heard(2, ChargeOutcome::Captured(usd(100)), now), Consequence::FundEscrows);
}

#[test]
fn another_amount_than_ours_that_comes_late_changes_no_newer_state() {
    let now = Time::default();
    let credited = Consequence::CreditWallet(usd(99));
    let mut paid = intent();
    paid.pay_from_wallet(true, now).unwrap();
    assert_eq!(
        (paid.heard(1, ChargeOutcome::Captured(usd(99)), now), paid.state),
        (credited, State::Succeeded)
    );
    let mut cancelled = intent();
    cancelled.cancel(now);
    assert_eq!(
        (cancelled.heard(1, ChargeOutcome::Captured(usd(99)), now), cancelled.state),
        (credited, State::Cancelled)
    );
    let mut tried_again = intent();
    tried_again.begin_charge(now).unwrap();
    tried_again.heard(1, ChargeOutcome::ActionRequired("https://act".to_owned()), now);
    tried_again.begin_charge(now).unwrap();
    assert_eq!(
        (tried_again.heard(1, ChargeOutcome::Captured(usd(99)), now), tried_again.state),
        (credited, State::Processing)
    );
}

#[test]
fn a_late_decline_does_not_undo_a_payment() {
    let mut intent = intent();
    intent.begin_charge(Time::default()).unwrap();
    intent.heard(1, ChargeOutcome::Captured(usd(100)), Time::default());
    intent.heard(1, ChargeOutcome::Declined("late".to_owned()), Time::default());
    assert_eq!(intent.state, State::Succeeded);
}

proptest! {
    #[test]
    fn what_is_captured_is_taken_in_once_and_escrow_is_funded_at_most_once(steps in prop::collection::vec((0u8..9, 0u32..3), 0..40)) {
        let (mut intent, now, mut funded) = (intent(), Time::default(), 0);
        let (mut captured, mut taken_in, mut heard_of) = (0, 0, HashSet::new());
        for (step, back) in steps {
            let charge = match step {
                0 => { let _ = intent.begin_charge(now); continue }
                1 => { funded += u32::from(intent.pay_from_wallet(true, now).is_ok()); continue }
                2 => { intent.cancel(now); continue }
                3 => ChargeOutcome::Captured(usd(100)),
                4 => ChargeOutcome::Captured(usd(99)),
                5 => ChargeOutcome::Declined("no".to_owned()),
                6 => ChargeOutcome::Silent,
                7 => ChargeOutcome::Pending,
                _ => ChargeOutcome::Unheard,
            };
            let attempt = intent.attempts.saturating_sub(back);
            if let ChargeOutcome::Captured(amount) = &charge && heard_of.insert(attempt) {
                captured += amount.minor_units();
            }
            taken_in += match intent.heard(attempt, charge, now) {
                Consequence::FundEscrows => { funded += 1; 100 }
                Consequence::CreditWallet(amount) => amount.minor_units(),
                Consequence::TellDeclined | Consequence::Nothing => 0,
            };
            prop_assert!(funded <= 1);
            prop_assert_eq!(funded == 1, intent.state == State::Succeeded);
            prop_assert_eq!(taken_in, captured);
        }
    }
}
