//! The accounts of the ledger, and what they hold.

use kernel::{Currency, LedgerAccountId, Money, OrganisationId};
use uuid::Uuid;

use super::Refusal;

/// Hot accounts that many transfers touch are spread over this many. What the platform earned is gathered from them now and then.
const SHARDS: u8 = 16;

/// When a wallet is full, in minor units: half of what its 64 bits hold was credited to it since it was opened. From then on nothing comes
/// in that its owner or anybody else chose to send (top-ups, transfers), so that what nobody may refuse has the other half: sales, refunds,
/// payouts that come back, and money that a provider has captured already.
const FULL: i64 = i64::MAX / 2;

kernel::named! {
    /// What an account is for.
    pub(crate) enum Kind {
        /// An organisation's money.
        Wallet = "wallet",
        /// An order's money, until it is released or refunded.
        Escrow = "escrow",
        /// What a provider owes us for what it captured.
        Provider = "provider",
        /// What the platform earned.
        Fees = "fees",
        /// Money on its way to bank accounts.
        Payouts = "payouts",
    }
}

impl Kind {
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
pub(crate) struct AccountKey {
    pub(crate) id: LedgerAccountId,
    pub(crate) kind: Kind,
    pub(crate) owner: OrganisationId,
    pub(crate) currency: Currency,
}

impl AccountKey {
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

/// An account and its four balances, in minor units. They count what ever came in and went out, so they only grow (pending ones apart),
/// whatever it holds; when a wallet has room is judged by [`Account::is_full`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) key: AccountKey,
    pub(crate) debits_pending: i64,
    pub(crate) debits_posted: i64,
    pub(crate) credits_pending: i64,
    pub(crate) credits_posted: i64,
    /// How many entries it has; the next one has this number.
    pub(crate) entries: i64,
}

impl Account {
    pub(crate) const fn open(key: AccountKey) -> Self {
        Self {
            key,
            debits_pending: 0,
            debits_posted: 0,
            credits_pending: 0,
            credits_posted: 0,
            entries: 0,
        }
    }

    /// What it holds.
    pub(crate) fn balance(&self) -> Money {
        Money::new(self.credits_posted - self.debits_posted, self.key.currency)
    }

    /// What is bound by pending transfers.
    pub(crate) fn held(&self) -> Money {
        Money::new(self.debits_pending, self.key.currency)
    }

    /// What it holds and may be taken.
    pub(crate) fn available(&self) -> Money {
        Money::new(self.credits_posted - self.debits_posted - self.debits_pending, self.key.currency)
    }

    /// Whether it takes only what nobody may refuse any more. `coming` is what it takes in besides, once those who have it hand it over.
    ///
    /// Whoever is refused a transfer for this reason learns that the recipient turned over four thousand times the most that is ever paid
    /// at once. That is far beyond any real business, and of what is below, they learn nothing.
    pub(crate) fn is_full(&self, coming: i128) -> bool {
        i128::from(self.credits_posted) + coming >= i128::from(FULL)
    }

    /// Takes money out of it, and binds some more, or frees it if `pending` is negative.
    pub(super) fn debit(&mut self, pending: i64, posted: i64) -> Result<(), Refusal> {
        // What a bounded account was credited fits 64 bits, so what does not was never there.
        let beyond = if self.key.kind.bounded() {
            Refusal::InsufficientFunds
        } else {
            Refusal::Overflow
        };
        let debits = self.debits_pending.checked_add(pending).zip(self.debits_posted.checked_add(posted));
        (self.debits_pending, self.debits_posted) = debits.ok_or(beyond)?;
        if self.within_bound() {
            Ok(())
        } else {
            Err(Refusal::InsufficientFunds)
        }
    }

    /// Brings money into it, and announces some more, or takes that back if `pending` is negative.
    pub(super) fn credit(&mut self, pending: i64, posted: i64) -> Result<(), Refusal> {
        let credits = self
            .credits_pending
            .checked_add(pending)
            .zip(self.credits_posted.checked_add(posted));
        (self.credits_pending, self.credits_posted) = credits.ok_or(Refusal::Overflow)?;
        Ok(())
    }

    pub(super) fn within_bound(&self) -> bool {
        // What does not fit 64 bits is beyond every bound.
        let taken = self.debits_posted.checked_add(self.debits_pending);
        !self.key.kind.bounded() || taken.is_some_and(|taken| taken <= self.credits_posted)
    }
}
