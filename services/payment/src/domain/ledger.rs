//! Double entry: accounts, transfers and the entries that they leave. The semantics are TigerBeetle's.

use kernel::{Currency, LedgerAccountId, Money, OrganisationId, TransferId};
use uuid::Uuid;

use super::{Refusal, pending::Pending};

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

    pub(super) fn within_bound(&self) -> bool {
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

/// What a transfer is for. What stands behind it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// A buyer's money goes into the escrow of an order.
    Purchase,
    /// Escrow goes to the seller of an order.
    Sale,
    /// The platform's part of an order's escrow.
    Fee,
    /// An order's escrow goes back to the buyer.
    Refund,
    /// Captured money goes into the wallet of a payment's payer.
    TopUp,
    /// A payout takes money out of a wallet.
    Payout,
    /// A payout that was paid comes back.
    PayoutReturned,
    /// Fees go from one account of the platform to another.
    FeesGathered,
    /// One organisation pays another.
    Transfer,
}

impl Code {
    pub(crate) const ALL: [Self; 9] = [
        Self::Purchase,
        Self::Sale,
        Self::Fee,
        Self::Refund,
        Self::TopUp,
        Self::Payout,
        Self::PayoutReturned,
        Self::FeesGathered,
        Self::Transfer,
    ];

    /// As rows and clients know it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Sale => "sale",
            Self::Fee => "fee",
            Self::Refund => "refund",
            Self::TopUp => "top_up",
            Self::Payout => "payout",
            Self::PayoutReturned => "payout_returned",
            Self::FeesGathered => "fees_gathered",
            Self::Transfer => "transfer",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

/// Money from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// Its id, which is a derived one where the same transfer might be made twice.
    pub(crate) id: TransferId,
    /// How it moves money.
    pub(crate) mode: Mode,
    /// Where the money comes from.
    pub(crate) debit: Place,
    /// Where it goes; another account in the same currency.
    pub(crate) credit: Place,
    /// In minor units, greater than zero.
    pub(crate) amount: i64,
    /// What it is for.
    pub(crate) code: Code,
    /// What is behind it, as its code says: an order, a payment, a payout, the account that fees are gathered from, or the transfer itself.
    pub(crate) reference: Uuid,
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
