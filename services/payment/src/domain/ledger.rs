//! Double entry: accounts, transfers and the entries that they leave. The semantics are TigerBeetle's.

use kernel::{Currency, LedgerAccountId, Money, OrganisationId, TransferId};
use uuid::Uuid;

use super::Refusal;

/// Hot accounts that many transfers touch are spread over this many. What the platform earned is gathered from them now and then.
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

    /// Whether its debits, pending ones included, may never exceed its credits.
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

    /// The one account that the fees of all shards come together in.
    pub(crate) fn earnings(currency: Currency) -> Self {
        Self::of(Kind::Fees, Uuid::max(), OrganisationId::from_uuid(Uuid::nil()), currency)
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

    /// What is bound by pending transfers.
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
    /// It is only bound, until another transfer posts or voids this one.
    Pending,
    /// What this one bound moves; what of it does not is free again.
    Post { pending: TransferId },
    /// What this one bound is free again.
    Void { pending: TransferId },
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Pending => "pending",
            Self::Post { .. } => "post",
            Self::Void { .. } => "void",
        }
    }

    /// The pending transfer that it resolves.
    pub(crate) const fn resolves(self) -> Option<TransferId> {
        match self {
            Self::Single | Self::Pending => None,
            Self::Post { pending } | Self::Void { pending } => Some(pending),
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

/// A pending transfer, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pending {
    pub(crate) id: TransferId,
    pub(crate) debit: LedgerAccountId,
    pub(crate) credit: LedgerAccountId,
    pub(crate) amount: i64,
    /// The transfer that posted or voided it. There is at most one.
    pub(crate) resolved_by: Option<TransferId>,
}

impl Pending {
    /// A transfer that has just been made, in the mode [`Mode::Pending`].
    pub(crate) fn of(transfer: &Transfer) -> Self {
        Self {
            id: transfer.id,
            debit: transfer.debit.id,
            credit: transfer.credit.id,
            amount: transfer.amount,
            resolved_by: None,
        }
    }

    /// Resolves it by a transfer that posts up to its amount, or voids the whole.
    fn resolve(&mut self, by: &Transfer) -> Result<(), Refusal> {
        let fits = match by.mode {
            Mode::Post { .. } => by.amount <= self.amount,
            Mode::Void { .. } => by.amount == self.amount,
            Mode::Single | Mode::Pending => unreachable!("only posting and voiding name a pending transfer"),
        };
        if (self.debit, self.credit) != (by.debit.id, by.credit.id) {
            return Err(Refusal::NoSuchPendingTransfer);
        }
        if self.resolved_by.is_some() {
            return Err(Refusal::ResolvedBefore);
        }
        if !fits {
            return Err(Refusal::OtherPendingAmount);
        }
        self.resolved_by = Some(by.id);
        Ok(())
    }
}

/// Moves money between a transfer's two accounts, or says why not; then nothing has changed. Whoever posts or voids brings the pending transfer that it names,
/// if there is one.
pub(crate) fn apply(transfer: &Transfer, debit: &mut Account, credit: &mut Account, pending: Option<&mut Pending>) -> Result<(), Refusal> {
    let amount = transfer.amount;
    assert!(
        amount > 0 && debit.place.id != credit.place.id && debit.place.currency == credit.place.currency,
        "a transfer is checked where it is made"
    );
    let (mut from, mut to) = (debit.clone(), credit.clone());
    let mut resolved = None;
    let add = |balance: &mut i64, amount: i64| {
        *balance = balance.checked_add(amount).ok_or(Refusal::Overflow)?;
        Ok::<_, Refusal>(())
    };
    match transfer.mode {
        Mode::Single => {
            add(&mut from.debits_posted, amount)?;
            add(&mut to.credits_posted, amount)?;
        }
        Mode::Pending => {
            add(&mut from.debits_pending, amount)?;
            add(&mut to.credits_pending, amount)?;
        }
        Mode::Post { .. } | Mode::Void { .. } => {
            let place = pending.ok_or(Refusal::NoSuchPendingTransfer)?;
            let mut pending = place.clone();
            pending.resolve(transfer)?;
            add(&mut from.debits_pending, -pending.amount)?;
            add(&mut to.credits_pending, -pending.amount)?;
            if matches!(transfer.mode, Mode::Post { .. }) {
                add(&mut from.debits_posted, amount)?;
                add(&mut to.credits_posted, amount)?;
            }
            resolved = Some((place, pending));
        }
    }
    if !from.within_bound() {
        return Err(Refusal::InsufficientFunds);
    }
    from.entries += 1;
    to.entries += 1;
    (*debit, *credit) = (from, to);
    if let Some((place, pending)) = resolved {
        *place = pending;
    }
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

    /// A transfer between these accounts; those that resolve have ids of their own.
    fn transfer(from: &Account, to: &Account, mode: Mode, amount: i64) -> Transfer {
        Transfer {
            id: TransferId::derived(from.place.id, &format!("{mode:?} {amount} {}", from.entries)),
            mode,
            debit: from.place,
            credit: to.place,
            amount,
            code: "test",
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
        assert_eq!(buyer.must_have_room_for(Money::new(i64::MAX - 100, buyer.place.currency)), Ok(()));
        assert_eq!(
            buyer.must_have_room_for(Money::new(i64::MAX - 99, buyer.place.currency)),
            Err(Refusal::Overflow)
        );
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
        let place = |code: &str| Place::wallet(owner, code.parse().unwrap());
        assert_eq!(place("USD").id, place("USD").id);
        assert_ne!(place("USD").id, place("EUR").id);
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
}
