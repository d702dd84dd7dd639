//! Where an order stands.

use kernel::Time;

/// The states of an order.
///
/// ```text
/// Placed ─funded─> Paid ─shipped─> Shipped ─delivered─> Delivered ─┐
///   │               │  ^             │└── accepted, or in time ────┼─> Accepted ─released─> Completed
/// intent          cancel  refused  returned                        ┘
/// cancelled         v  │             v
///   │           Cancelling ─accepted─> Refunding ─refunded─> Cancelled
///   └──────────────────────────────────────────────────────────^
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// Waiting for payment.
    Placed,
    /// The money is in escrow, the goods are the seller's to ship.
    Paid,
    /// Asked to be cancelled after payment: logistics says whether it left already.
    Cancelling,
    /// Handed to a carrier.
    Shipped {
        /// When it is accepted by itself if no delivery is ever reported.
        accept_by: Time,
    },
    /// Arrived; the inspection window runs.
    Delivered {
        /// When it is accepted by itself.
        accept_by: Time,
    },
    /// Accepted by the buyer or by time; the release is under way.
    Accepted,
    /// The seller has the money.
    Completed,
    /// The refund is under way.
    Refunding,
    /// Over.
    Cancelled {
        /// Whether payment said that it gave the money back. Money that comes
        /// after an unpaid order was closed is given back while it stays so.
        refunded: bool,
    },
}

impl State {
    /// Its name, as messages and the database write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Cancelling => "cancelling",
            Self::Shipped { .. } => "shipped",
            Self::Delivered { .. } => "delivered",
            Self::Accepted => "accepted",
            Self::Completed => "completed",
            Self::Refunding => "refunding",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// When it is accepted by itself, if a window runs.
    pub(crate) const fn accept_by(self) -> Option<Time> {
        match self {
            Self::Shipped { accept_by } | Self::Delivered { accept_by } => Some(accept_by),
            Self::Placed | Self::Paid | Self::Cancelling | Self::Accepted | Self::Completed | Self::Refunding | Self::Cancelled { .. } => {
                None
            }
        }
    }

    /// When the inspection window ends, if it runs.
    pub(crate) const fn inspection_deadline(self) -> Option<Time> {
        match self {
            Self::Delivered { accept_by } => Some(accept_by),
            Self::Placed
            | Self::Paid
            | Self::Cancelling
            | Self::Shipped { .. }
            | Self::Accepted
            | Self::Completed
            | Self::Refunding
            | Self::Cancelled { .. } => None,
        }
    }

    /// The state that a row names.
    pub(crate) fn named(name: &str, accept_by: Option<Time>, refunded: bool) -> Option<Self> {
        Some(match name {
            "placed" => Self::Placed,
            "paid" => Self::Paid,
            "cancelling" => Self::Cancelling,
            "shipped" => Self::Shipped { accept_by: accept_by? },
            "delivered" => Self::Delivered { accept_by: accept_by? },
            "accepted" => Self::Accepted,
            "completed" => Self::Completed,
            "refunding" => Self::Refunding,
            "cancelled" => Self::Cancelled { refunded },
            _ => return None,
        })
    }
}
