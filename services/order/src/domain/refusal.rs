//! Why a command was not obeyed.

use kernel::Stale;

use super::MOST_LINES;

/// What a noun says when it refuses. Facts of other services are never refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The state does not allow it.
    #[error("an order that is {from} cannot be {attempt}")]
    IllegalOrder {
        /// The state that it is in.
        from: &'static str,
        /// What was wanted.
        attempt: &'static str,
    },
    /// The state does not allow it.
    #[error("a quotation that is {from} cannot be {attempt}")]
    IllegalQuotation {
        /// The state that it is in.
        from: &'static str,
        /// What was wanted.
        attempt: &'static str,
        /// Which of the request's quotations, if it names several.
        field: Option<String>,
    },
    /// The state does not allow it.
    #[error("a checkout that is {from} cannot be {attempt}")]
    IllegalCheckout {
        /// The state that it is in.
        from: &'static str,
        /// What was wanted.
        attempt: &'static str,
    },
    /// The change was based on another version.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// There is no such checkout, or none that this organisation may know of.
    #[error("no such checkout")]
    NoSuchCheckout,
    /// There is no such order, or none that this organisation may know of.
    #[error("no such order")]
    NoSuchOrder,
    /// There is no such quotation, or none that this organisation may know of.
    #[error("no such quotation")]
    NoSuchQuotation {
        /// Which of the request's quotations, if it names several.
        field: Option<String>,
    },
    /// The other party may, and knows it.
    #[error("only the {who} may {act}")]
    NotYours {
        /// Whose it is to do.
        who: &'static str,
        /// What was wanted.
        act: &'static str,
    },
    /// The cart is full.
    #[error("a cart has at most {MOST_LINES} lines")]
    FullCart,
    /// There is nothing in the cart.
    #[error("the request names no goods and the cart is empty")]
    EmptyCart,
    /// The cart is not what it was when it was read.
    #[error("the cart was checked out or changed meanwhile")]
    CartChanged,
}

impl Refusal {
    /// The same refusal, about this part of the request.
    pub(crate) fn about(self, part: Option<String>) -> Self {
        match self {
            Self::IllegalQuotation { from, attempt, .. } => Self::IllegalQuotation {
                from,
                attempt,
                field: part,
            },
            Self::NoSuchQuotation { .. } => Self::NoSuchQuotation { field: part },
            other @ (Self::IllegalOrder { .. }
            | Self::IllegalCheckout { .. }
            | Self::Stale(_)
            | Self::NoSuchCheckout
            | Self::NoSuchOrder
            | Self::NotYours { .. }
            | Self::FullCart
            | Self::EmptyCart
            | Self::CartChanged) => other,
        }
    }
}
