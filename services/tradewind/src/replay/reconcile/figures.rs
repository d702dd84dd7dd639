//! What files and system are held against each other by, in the order in which it is told.

use std::{collections::BTreeMap, fmt};

use kernel::Money;

/// Brazil's, in which Olist's prices are.
pub(super) const CURRENCY: &str = "BRL";

/// One figure: an amount of money, or a count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Figure {
    /// The system's orders in this state: what the files call one order is one for each of its sellers.
    Orders(String),
    OrdersUnlikeFiles,
    AsideYetReplayed,
    OfNoFile,
    Goods,
    Freight,
    Payments,
    EscrowHeld,
    EscrowReleased,
    EscrowRefunded,
    Fees,
    LinesAtAnotherFee,
    LedgerProviders,
    LedgerWallets,
    LedgerEscrow,
    LedgerFees,
    LedgerViolations,
    StockOnHand,
    StockReserved,
    StockUnlikeFiles,
    OutboxesWaiting,
    DeadLetters,
    /// What these pieces of an order cost.
    Line {
        pieces: i64,
        product: String,
        seller: String,
    },
    /// How many payments of an order are of so many cents.
    PaymentsOf(i64),
}

/// An amount of so many cents.
pub(super) fn amount(cents: i64) -> Money {
    Money::new(cents, CURRENCY.parse().expect("ISO 4217 has Brazil's currency"))
}

/// Money in cents and counts.
pub(super) type Figures = BTreeMap<Figure, i64>;

impl Figure {
    /// Whether it is held against the other side order by order, and not added up.
    pub(super) const fn is_detail(&self) -> bool {
        matches!(self, Self::Line { .. } | Self::PaymentsOf(_))
    }

    const fn is_money(&self) -> bool {
        match self {
            Self::Goods
            | Self::Freight
            | Self::Payments
            | Self::EscrowHeld
            | Self::EscrowReleased
            | Self::EscrowRefunded
            | Self::Fees
            | Self::LedgerProviders
            | Self::LedgerWallets
            | Self::LedgerEscrow
            | Self::LedgerFees
            | Self::Line { .. } => true,
            Self::Orders(_)
            | Self::OrdersUnlikeFiles
            | Self::AsideYetReplayed
            | Self::OfNoFile
            | Self::LinesAtAnotherFee
            | Self::LedgerViolations
            | Self::StockOnHand
            | Self::StockReserved
            | Self::StockUnlikeFiles
            | Self::OutboxesWaiting
            | Self::DeadLetters
            | Self::PaymentsOf(_) => false,
        }
    }

    /// A value of this figure, money with its currency and decimals.
    pub(super) fn written(&self, value: i64) -> String {
        if self.is_money() {
            amount(value).to_string()
        } else {
            value.to_string()
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Orders(state) => return write!(out, "orders {state}"),
            Self::OrdersUnlikeFiles => "orders unlike files",
            Self::AsideYetReplayed => "set aside yet replayed",
            Self::OfNoFile => "of no file",
            Self::Goods => "goods",
            Self::Freight => "freight",
            Self::Payments => "payments",
            Self::EscrowHeld => "escrow held",
            Self::EscrowReleased => "escrow released",
            Self::EscrowRefunded => "escrow refunded",
            Self::Fees => "fees",
            Self::LinesAtAnotherFee => "lines at another fee",
            Self::LedgerProviders => "ledger providers",
            Self::LedgerWallets => "ledger wallets",
            Self::LedgerEscrow => "ledger escrow",
            Self::LedgerFees => "ledger fees",
            Self::LedgerViolations => "ledger violations",
            Self::StockOnHand => "stock on hand",
            Self::StockReserved => "stock reserved",
            Self::StockUnlikeFiles => "stock unlike files",
            Self::OutboxesWaiting => "outboxes waiting",
            Self::DeadLetters => "dead letters",
            Self::Line { pieces, product, seller } => return write!(out, "its {pieces} of {product} from {seller}"),
            Self::PaymentsOf(cents) => return write!(out, "its payments of {}", amount(*cents)),
        })
    }
}
