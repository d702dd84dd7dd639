//! What a conversation is about.

use kernel::{OrderId, ProductId};

/// The subject of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// Nothing in particular.
    General,
    /// Somebody's goods.
    Product(ProductId),
    /// A trade of the two.
    Order(OrderId),
}

impl Context {
    /// A name that no other context has.
    pub(crate) fn name(self) -> String {
        match self {
            Self::General => "general".to_owned(),
            Self::Product(product) => product.to_string(),
            Self::Order(order) => order.to_string(),
        }
    }

    /// The order that it is about, if it is about one.
    pub(crate) fn order(self) -> Option<OrderId> {
        match self {
            Self::Order(order) => Some(order),
            Self::General | Self::Product(_) => None,
        }
    }
}
