//! Money that goes from one account to another.

use kernel::TransferId;
use uuid::Uuid;

use super::account::AccountKey;

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

kernel::named! {
    /// What a transfer is for. What stands behind it follows.
    pub(crate) enum Code {
        /// A buyer's money goes into the escrow of an order.
        Purchase = "purchase",
        /// Escrow goes to the seller of an order.
        Sale = "sale",
        /// The platform's part of an order's escrow.
        Fee = "fee",
        /// An order's escrow goes back to the buyer.
        Refund = "refund",
        /// Captured money goes into the wallet of a payment's payer.
        TopUp = "top_up",
        /// A payout takes money out of a wallet.
        Payout = "payout",
        /// A payout that was paid comes back.
        PayoutReturned = "payout_returned",
        /// Fees go from one account of the platform to another.
        FeesGathered = "fees_gathered",
        /// One organisation pays another.
        Transfer = "transfer",
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
    pub(crate) debit: AccountKey,
    /// Where it goes; another account in the same currency.
    pub(crate) credit: AccountKey,
    /// In minor units, greater than zero.
    pub(crate) amount: i64,
    /// What it is for.
    pub(crate) code: Code,
    /// What is behind it, as its code says: an order, a payment, a payout, the account that fees are gathered from, or the transfer itself.
    pub(crate) reference: Uuid,
}
