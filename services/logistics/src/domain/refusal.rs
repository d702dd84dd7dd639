//! Why a command was not obeyed.

use kernel::Stale;

use super::{MOST_WAREHOUSES, NotNamed, StockError, TooManyParcels, TrackingNumber, Undone};

/// A refusal of logistics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Stock cannot move like that.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// The order's stock is in no state in which it can be shipped.
    #[error("an order whose stock is {from} cannot be shipped")]
    NotShippable {
        /// The state that it is in.
        from: &'static str,
    },
    /// The order is not paid, or we have not heard of it yet: order may tell the seller before it has told us.
    #[error("the order is not paid, as far as is known here")]
    NotPaid,
    /// More parcels than pieces.
    #[error(transparent)]
    Parcels(#[from] TooManyParcels),
    /// A fact met something that it did not expect.
    #[error(transparent)]
    Undone(#[from] Undone),
    /// The checkout was released, so nothing is reserved for it any more.
    #[error("the checkout was released")]
    CheckoutReleased,
    /// The checkout was reserved with other orders.
    #[error("the checkout was reserved with other orders")]
    OtherOrders,
    /// Stock is in a warehouse that we have not heard of yet, so the list of warehouses is read again.
    #[error("there is stock in a warehouse that was set up just now")]
    UnknownWarehouse,
    /// What the update was prepared with has changed since; it is prepared again.
    #[error("it changed while it was being prepared")]
    Moved,
    /// A tracking number belongs to another shipment.
    #[error("tracking number {0} belongs to another shipment")]
    NumberTaken(TrackingNumber),
    /// Every number that was made for the order belongs to another shipment.
    #[error("no tracking number is free")]
    NoNumberLeft,
    /// The organisation has [`MOST_WAREHOUSES`] already.
    #[error("an organisation has at most {MOST_WAREHOUSES} warehouses")]
    TooManyWarehouses,
    /// The entity tag is not the present one.
    #[error(transparent)]
    Stale(#[from] Stale),
}

impl From<NotNamed> for Refusal {
    fn from(error: NotNamed) -> Self {
        Self::Undone(error.into())
    }
}

impl Refusal {
    /// Whether it is only about how the update was prepared, so that it is to be prepared again.
    pub(crate) fn is_about_preparation(&self) -> bool {
        match self {
            Self::Undone(Undone::NotNamed(_)) | Self::Moved | Self::UnknownWarehouse => true,
            Self::Undone(Undone::Stock(_))
            | Self::Stock(_)
            | Self::NotShippable { .. }
            | Self::NotPaid
            | Self::Parcels(_)
            | Self::CheckoutReleased
            | Self::OtherOrders
            | Self::NumberTaken(_)
            | Self::NoNumberLeft
            | Self::TooManyWarehouses
            | Self::Stale(_) => false,
        }
    }
}
