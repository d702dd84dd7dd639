//! What providers may say, in any order and as often as they like.

use kernel::{CheckoutId, Money, OrganisationId, PaymentId, Time};
use proptest::prelude::*;
use uuid::Uuid;

use super::intent::*;

fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, "USD".parse().unwrap())
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
    let declined = || Charge::Declined("card_declined".to_owned());
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
    intent.pay_from_wallet(Time::default()).unwrap();
}

#[test]
fn an_attempt_that_no_provider_heard_of_goes_on_when_its_request_comes_again() {
    let (mut intent, now) = (intent(), Time::default());
    intent.begin_charge(now).unwrap();
    assert!(!intent.charge_again(1, now), "the provider may still hear of it");
    intent.heard(1, Charge::Unheard, now);
    assert_eq!(intent.state, State::RequiresPaymentMethod);
    assert!(intent.charge_again(1, now));
    assert_eq!((intent.state, intent.attempts), (State::Processing, 1));
    intent.heard(1, Charge::Declined("card_declined".to_owned()), now);
    assert!(!intent.charge_again(1, now), "it was declined");
}

#[test]
fn an_attempt_does_not_go_on_after_another_one_or_a_cancellation() {
    let now = Time::default();
    let unheard = || {
        let mut intent = intent();
        intent.begin_charge(now).unwrap();
        intent.heard(1, Charge::Unheard, now);
        intent
    };
    let mut other = unheard();
    other.begin_charge(now).unwrap();
    other.heard(2, Charge::Unheard, now);
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
    intent.heard(1, Charge::Silent, Time::default());
    assert_eq!(intent.state, State::Unknown);
    assert_eq!(intent.cancel(Time::default()), Cancellation::BeingPaid);
    assert_eq!(
        intent.heard(1, Charge::Captured(usd(100)), Time::default()),
        Consequence::FundEscrows
    );
}

#[test]
fn money_that_comes_after_the_cancellation_is_the_payers() {
    let mut intent = intent();
    assert_eq!(intent.cancel(Time::default()), Cancellation::Done);
    assert_eq!(
        intent.heard(1, Charge::Captured(usd(100)), Time::default()),
        Consequence::CreditWallet
    );
    assert_eq!(intent.state, State::Cancelled);
}

#[test]
fn another_amount_than_ours_is_a_conflict() {
    let mut intent = intent();
    intent.begin_charge(Time::default()).unwrap();
    assert_eq!(intent.heard(1, Charge::Captured(usd(99)), Time::default()), Consequence::Nothing);
    assert_eq!(intent.state, State::Conflicted);
}

#[test]
fn a_late_decline_does_not_undo_a_payment() {
    let mut intent = intent();
    intent.begin_charge(Time::default()).unwrap();
    intent.heard(1, Charge::Captured(usd(100)), Time::default());
    intent.heard(1, Charge::Declined("late".to_owned()), Time::default());
    assert_eq!(intent.state, State::Succeeded);
}

proptest! {
    #[test]
    fn escrow_is_funded_at_most_once(steps in prop::collection::vec(0u8..8, 0..40)) {
        let (mut intent, now, mut funded) = (intent(), Time::default(), 0);
        for step in steps {
            let charge = match step {
                0 => { let _ = intent.begin_charge(now); continue }
                1 => { funded += u32::from(intent.pay_from_wallet(now).is_ok()); continue }
                2 => { intent.cancel(now); continue }
                3 => Charge::Captured(usd(100)),
                4 => Charge::Declined("no".to_owned()),
                5 => Charge::Silent,
                6 => Charge::Pending,
                _ => Charge::Unheard,
            };
            funded += u32::from(intent.heard(intent.attempts, charge, now) == Consequence::FundEscrows);
            prop_assert!(funded <= 1);
            prop_assert_eq!(funded == 1, intent.state == State::Succeeded);
        }
    }
}
