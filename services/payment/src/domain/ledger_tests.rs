//! The ledger: no money is made or lost, nobody gives more than they have, and what is pending is resolved once.

use kernel::{Money, OrganisationId, TransferId};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Refusal,
    account::{Account, AccountKey, Kind},
    ledger::apply,
    pending::Pending,
    transfer::{Code, Mode, Transfer},
};

fn wallet(owner: u128) -> Account {
    Account::open(AccountKey::wallet(
        OrganisationId::from_uuid(Uuid::from_u128(owner)),
        "USD".parse().unwrap(),
    ))
}

fn provider() -> Account {
    Account::open(AccountKey::platform(Kind::Provider, Uuid::nil(), "USD".parse().unwrap()))
}

/// A transfer between these accounts; those that resolve have ids of their own.
fn transfer(from: &Account, to: &Account, mode: Mode, amount: i64) -> Transfer {
    Transfer {
        id: TransferId::derived(from.key.id, &format!("{mode:?} {amount} {}", from.entries)),
        mode,
        debit: from.key,
        credit: to.key,
        amount,
        code: Code::Transfer,
        reference: Uuid::nil(),
    }
}

fn single(from: &mut Account, to: &mut Account, amount: i64) -> Result<(), Refusal> {
    apply(&transfer(from, to, Mode::Single, amount), from, to, None)
}

fn pend(from: &mut Account, to: &mut Account, amount: i64) -> Result<Pending, Refusal> {
    let transfer = transfer(from, to, Mode::Pending, amount);
    apply(&transfer, from, to, None).map(|()| Pending::of(&transfer))
}

fn post(from: &mut Account, to: &mut Account, pending: &mut Pending, amount: i64) -> Result<(), Refusal> {
    let mode = Mode::Post { pending: pending.id };
    apply(&transfer(from, to, mode, amount), from, to, Some(pending))
}

fn void(from: &mut Account, to: &mut Account, pending: &mut Pending, amount: i64) -> Result<(), Refusal> {
    let mode = Mode::Void { pending: pending.id };
    apply(&transfer(from, to, mode, amount), from, to, Some(pending))
}

#[test]
fn codes_are_known_by_names_of_their_own() {
    for code in Code::ALL {
        assert_eq!(Code::named(code.name()), Some(code));
    }
    assert_eq!(Code::named("gift"), None);
}

#[test]
fn a_wallet_never_gives_more_than_it_has_what_is_pending_included() {
    let (mut bank, mut buyer, mut seller) = (provider(), wallet(1), wallet(2));
    single(&mut bank, &mut buyer, 100).unwrap();
    let mut pending = pend(&mut buyer, &mut seller, 60).unwrap();
    let before = buyer.clone();
    assert_eq!(single(&mut buyer, &mut seller, 41), Err(Refusal::InsufficientFunds));
    assert_eq!(buyer, before);
    void(&mut buyer, &mut seller, &mut pending, 60).unwrap();
    single(&mut buyer, &mut seller, 100).unwrap();
    assert_eq!((buyer.balance().minor_units(), seller.balance().minor_units()), (0, 100));
}

#[test]
fn a_wallet_never_gives_more_than_64_bits_hold() {
    let (mut bank, mut buyer, mut seller) = (provider(), wallet(1), wallet(2));
    single(&mut bank, &mut buyer, 100).unwrap();
    single(&mut buyer, &mut seller, 10).unwrap();
    assert!(single(&mut buyer, &mut seller, i64::MAX).is_err());
    assert!(pend(&mut buyer, &mut seller, i64::MAX).is_err());
    assert_eq!(buyer.available().minor_units(), 90);
}

#[test]
fn who_has_no_money_does_not_hear_how_much_the_other_was_paid() {
    let (mut bank, mut buyer, mut seller) = (provider(), wallet(1), wallet(2));
    single(&mut bank, &mut buyer, 10).unwrap();
    seller.credits_posted = i64::MAX - 5;
    for amount in [11, i64::MAX] {
        assert_eq!(single(&mut buyer, &mut seller, amount), Err(Refusal::InsufficientFunds));
    }
    assert_eq!(single(&mut buyer, &mut seller, 10), Err(Refusal::Overflow));
}

#[test]
fn a_wallet_is_full_while_half_of_its_room_is_left() {
    let mut seller = wallet(2);
    seller.credits_posted = i64::MAX / 2 - 1_000;
    assert!(!seller.is_full(0) && !seller.is_full(999));
    assert!(seller.is_full(1_000), "what is under way counts");
    assert!(seller.is_full(i128::from(i64::MAX)));
    single(&mut provider(), &mut seller, Money::MOST_PAYABLE).unwrap();
    assert!(seller.is_full(0));
    single(&mut provider(), &mut seller, i64::MAX / 2 - Money::MOST_PAYABLE).unwrap();
}

#[test]
fn a_pending_transfer_is_resolved_once_between_its_own_accounts_and_up_to_its_amount() {
    let (mut bank, mut buyer, mut seller, mut other) = (provider(), wallet(1), wallet(2), wallet(3));
    single(&mut bank, &mut buyer, 200).unwrap();
    let mut first = pend(&mut buyer, &mut seller, 60).unwrap();
    pend(&mut buyer, &mut seller, 60).unwrap();
    let before = (buyer.clone(), seller.clone(), first.clone());

    let unknown = Mode::Post { pending: first.id };
    let unknown = transfer(&buyer, &seller, unknown, 60);
    assert_eq!(apply(&unknown, &mut buyer, &mut seller, None), Err(Refusal::NoSuchPendingTransfer));
    assert_eq!(post(&mut buyer, &mut other, &mut first, 60), Err(Refusal::NoSuchPendingTransfer));
    assert_eq!(post(&mut buyer, &mut seller, &mut first, 61), Err(Refusal::OtherPendingAmount));
    assert_eq!(void(&mut buyer, &mut seller, &mut first, 59), Err(Refusal::OtherPendingAmount));
    assert_eq!((buyer.clone(), seller.clone(), first.clone()), before);

    // What is not posted is free again, and the other transfer stays as it is.
    post(&mut buyer, &mut seller, &mut first, 45).unwrap();
    assert_eq!((buyer.held().minor_units(), buyer.available().minor_units()), (60, 95));
    assert_eq!(post(&mut buyer, &mut seller, &mut first, 15), Err(Refusal::ResolvedBefore));
    assert_eq!(void(&mut buyer, &mut seller, &mut first, 60), Err(Refusal::ResolvedBefore));
    assert_eq!((buyer.held().minor_units(), seller.balance().minor_units()), (60, 45));
}

#[test]
fn the_same_place_is_the_same_account_and_currencies_are_apart() {
    let owner = OrganisationId::from_uuid(Uuid::from_u128(1));
    let wallet = |code: &str| AccountKey::wallet(owner, code.parse().unwrap());
    assert_eq!(wallet("USD").id, wallet("USD").id);
    assert_ne!(wallet("USD").id, wallet("EUR").id);
}

proptest! {
    #[test]
    fn money_is_neither_made_nor_lost(moves in prop::collection::vec((0usize..4, 0usize..4, 1i64..1_000, 0u8..3), 1..200)) {
        let mut accounts = [provider(), wallet(1), wallet(2), wallet(3)];
        let mut waiting: Vec<(usize, usize, Pending)> = Vec::new();
        for (from, to, amount, choice) in moves {
            if from == to {
                if let Some((from, to, mut pending)) = waiting.pop() {
                    let [debit, credit] = accounts.get_disjoint_mut([from, to]).unwrap();
                    let whole = pending.amount;
                    match choice {
                        0 => post(debit, credit, &mut pending, whole).unwrap(),
                        1 => post(debit, credit, &mut pending, amount.min(whole)).unwrap(),
                        _ => void(debit, credit, &mut pending, whole).unwrap(),
                    }
                }
            } else {
                let [debit, credit] = accounts.get_disjoint_mut([from, to]).unwrap();
                if choice == 0 {
                    let _ = single(debit, credit, amount);
                } else if let Ok(pending) = pend(debit, credit, amount) {
                    waiting.push((from, to, pending));
                }
            }
            let sum = |of: fn(&Account) -> i64| accounts.iter().map(of).sum::<i64>();
            prop_assert_eq!(sum(|account| account.debits_posted), sum(|account| account.credits_posted));
            prop_assert_eq!(sum(|account| account.debits_pending), sum(|account| account.credits_pending));
            prop_assert_eq!(sum(|account| account.debits_pending), waiting.iter().map(|(.., pending)| pending.amount).sum::<i64>());
            prop_assert!(accounts.iter().all(Account::within_bound));
        }
    }
}
