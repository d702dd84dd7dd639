//! Double entry: accounts, transfers and the entries that they leave. The semantics are TigerBeetle's.

use kernel::{Currency, LedgerAccountId, Money, OrganisationId, TransferId};
use uuid::Uuid;

use super::Refusal;

/// Hot accounts that many transfers touch are spread over this many.
const SHARDS: u8 = 16;

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// An organisation's money.
    Wallet,
    /// An order's money, until it is released or refunded.
    Escrow,
    /// What a provider owes us for what it captured.
    Provider,
    /// What the platform earned.
    Fees,
    /// Money on its way to bank accounts.
    Payouts,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Wallet, Self::Escrow, Self::Provider, Self::Fees, Self::Payouts];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Escrow => "escrow",
            Self::Provider => "provider",
            Self::Fees => "fees",
            Self::Payouts => "payouts",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether its debits, holds included, may never exceed its credits.
    pub(crate) const fn bounded(self) -> bool {
        match self {
            Self::Wallet | Self::Escrow => true,
            Self::Provider | Self::Fees | Self::Payouts => false,
        }
    }
}

/// Which account is meant. Its id follows from this, so it is known before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) id: LedgerAccountId,
    pub(crate) kind: Kind,
    pub(crate) owner: OrganisationId,
    pub(crate) currency: Currency,
}

impl Place {
    /// An organisation's wallet in a currency.
    pub(crate) fn wallet(owner: OrganisationId, currency: Currency) -> Self {
        Self::of(Kind::Wallet, owner.uuid(), owner, currency)
    }

    /// The escrow of an order; it belongs to the buyer until it is released.
    pub(crate) fn escrow(order: impl Into<Uuid>, buyer: OrganisationId, currency: Currency) -> Self {
        Self::of(Kind::Escrow, order.into(), buyer, currency)
    }

    /// One of the accounts of the platform itself; `spread` chooses the shard.
    pub(crate) fn platform(kind: Kind, spread: impl Into<Uuid>, currency: Currency) -> Self {
        let shard = spread.into().as_bytes()[15] % SHARDS;
        Self::of(
            kind,
            Uuid::from_u128(u128::from(shard)),
            OrganisationId::from_uuid(Uuid::nil()),
            currency,
        )
    }

    fn of(kind: Kind, holder: Uuid, owner: OrganisationId, currency: Currency) -> Self {
        Self {
            id: LedgerAccountId::derived(holder, &format!("{} {currency}", kind.name())),
            kind,
            owner,
            currency,
        }
    }
}

/// An account and its four balances, in minor units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) place: Place,
    pub(crate) debits_pending: i64,
    pub(crate) debits_posted: i64,
    pub(crate) credits_pending: i64,
    pub(crate) credits_posted: i64,
    /// How many entries it has; the next one has this number.
    pub(crate) entries: i64,
}

impl Account {
    pub(crate) const fn open(place: Place) -> Self {
        Self {
            place,
            debits_pending: 0,
            debits_posted: 0,
            credits_pending: 0,
            credits_posted: 0,
            entries: 0,
        }
    }

    /// What it holds.
    pub(crate) fn balance(&self) -> Money {
        Money::new(self.credits_posted - self.debits_posted, self.place.currency)
    }

    /// What is bound by holds.
    pub(crate) fn held(&self) -> Money {
        Money::new(self.debits_pending, self.place.currency)
    }

    /// What it holds and may be taken.
    pub(crate) fn available(&self) -> Money {
        Money::new(self.credits_posted - self.debits_posted - self.debits_pending, self.place.currency)
    }

    /// Whether this much may still come in.
    pub(crate) fn must_have_room_for(&self, amount: Money) -> Result<(), Refusal> {
        self.credits_posted
            .checked_add(amount.minor_units())
            .map(drop)
            .ok_or(Refusal::Overflow)
    }

    fn within_bound(&self) -> bool {
        // What does not fit 64 bits is beyond every bound.
        let taken = self.debits_posted.checked_add(self.debits_pending);
        !self.place.kind.bounded() || taken.is_some_and(|taken| taken <= self.credits_posted)
    }
}

/// How a transfer moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// At once.
    Single,
    /// It is only held.
    Hold,
    /// What was held moves.
    Post,
    /// What was held is free again.
    Void,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Hold => "pending",
            Self::Post => "post",
            Self::Void => "void",
        }
    }
}

/// Money from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) id: TransferId,
    pub(crate) mode: Mode,
    pub(crate) debit: Place,
    pub(crate) credit: Place,
    /// In minor units, more than nothing.
    pub(crate) amount: i64,
    /// Such as `purchase`.
    pub(crate) code: &'static str,
    /// The order, payment or payout behind it.
    pub(crate) reference: Uuid,
}

/// Moves money between two accounts, or says why not; then neither has changed.
pub(crate) fn apply(debit: &mut Account, credit: &mut Account, mode: Mode, amount: i64) -> Result<(), Refusal> {
    assert!(
        amount > 0 && debit.place.id != credit.place.id && debit.place.currency == credit.place.currency,
        "a transfer is checked where it is made"
    );
    let (mut from, mut to) = (debit.clone(), credit.clone());
    let add = |balance: &mut i64, amount: i64| {
        *balance = balance.checked_add(amount).ok_or(Refusal::Overflow)?;
        Ok::<_, Refusal>(())
    };
    match mode {
        Mode::Single => {
            add(&mut from.debits_posted, amount)?;
            add(&mut to.credits_posted, amount)?;
        }
        Mode::Hold => {
            add(&mut from.debits_pending, amount)?;
            add(&mut to.credits_pending, amount)?;
        }
        Mode::Post | Mode::Void => {
            add(&mut from.debits_pending, -amount)?;
            add(&mut to.credits_pending, -amount)?;
            assert!(
                from.debits_pending >= 0 && to.credits_pending >= 0,
                "a hold is resolved once, by the machine that made it"
            );
            if mode == Mode::Post {
                add(&mut from.debits_posted, amount)?;
                add(&mut to.credits_posted, amount)?;
            }
        }
    }
    if !from.within_bound() {
        return Err(Refusal::InsufficientFunds);
    }
    from.entries += 1;
    to.entries += 1;
    (*debit, *credit) = (from, to);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wallet(owner: u128) -> Account {
        Account::open(Place::wallet(
            OrganisationId::from_uuid(Uuid::from_u128(owner)),
            "USD".parse().unwrap(),
        ))
    }

    fn provider() -> Account {
        Account::open(Place::platform(Kind::Provider, Uuid::nil(), "USD".parse().unwrap()))
    }

    #[test]
    fn a_wallet_never_gives_more_than_it_has_holds_included() {
        let (mut bank, mut buyer, mut seller) = (provider(), wallet(1), wallet(2));
        apply(&mut bank, &mut buyer, Mode::Single, 100).unwrap();
        apply(&mut buyer, &mut seller, Mode::Hold, 60).unwrap();
        let before = buyer.clone();
        assert_eq!(apply(&mut buyer, &mut seller, Mode::Single, 41), Err(Refusal::InsufficientFunds));
        assert_eq!(buyer, before);
        apply(&mut buyer, &mut seller, Mode::Void, 60).unwrap();
        apply(&mut buyer, &mut seller, Mode::Single, 100).unwrap();
        assert_eq!((buyer.balance().minor_units(), seller.balance().minor_units()), (0, 100));
    }

    #[test]
    fn a_wallet_never_gives_more_than_64_bits_hold() {
        let (mut bank, mut buyer, mut seller) = (provider(), wallet(1), wallet(2));
        apply(&mut bank, &mut buyer, Mode::Single, 100).unwrap();
        apply(&mut buyer, &mut seller, Mode::Single, 10).unwrap();
        for mode in [Mode::Hold, Mode::Single] {
            assert!(apply(&mut buyer, &mut seller, mode, i64::MAX).is_err());
        }
        assert_eq!(buyer.available().minor_units(), 90);
        assert_eq!(buyer.must_have_room_for(Money::new(i64::MAX - 100, buyer.place.currency)), Ok(()));
        assert_eq!(
            buyer.must_have_room_for(Money::new(i64::MAX - 99, buyer.place.currency)),
            Err(Refusal::Overflow)
        );
    }

    #[test]
    fn the_same_place_is_the_same_account_and_currencies_are_apart() {
        let owner = OrganisationId::from_uuid(Uuid::from_u128(1));
        let place = |code: &str| Place::wallet(owner, code.parse().unwrap());
        assert_eq!(place("USD").id, place("USD").id);
        assert_ne!(place("USD").id, place("EUR").id);
    }

    proptest! {
        #[test]
        fn money_is_neither_made_nor_lost(moves in prop::collection::vec((0usize..4, 0usize..4, 1i64..1_000, 0u8..2), 1..200)) {
            let mut accounts = [provider(), wallet(1), wallet(2), wallet(3)];
            let mut holds = Vec::new();
            for (from, to, amount, hold) in moves {
                if from == to {
                    if let Some((from, to, amount)) = holds.pop() {
                        let [debit, credit] = accounts.get_disjoint_mut([from, to]).unwrap();
                        apply(debit, credit, if hold == 0 { Mode::Post } else { Mode::Void }, amount).unwrap();
                    }
                    continue;
                }
                let [debit, credit] = accounts.get_disjoint_mut([from, to]).unwrap();
                let mode = if hold == 0 { Mode::Single } else { Mode::Hold };
                if apply(debit, credit, mode, amount).is_ok() && mode == Mode::Hold {
                    holds.push((from, to, amount));
                }
                prop_assert_eq!(accounts.iter().map(|account| account.debits_posted).sum::<i64>(), accounts.iter().map(|account| account.credits_posted).sum::<i64>());
                prop_assert_eq!(accounts.iter().map(|account| account.debits_pending).sum::<i64>(), accounts.iter().map(|account| account.credits_pending).sum::<i64>());
                prop_assert!(accounts.iter().all(Account::within_bound));
            }
        }
    }
}
