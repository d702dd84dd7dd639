//! What happened, to be told to the other services.

use kernel::{OrganisationId, ShipmentId, VariantId};

use super::{Order, ShipmentState};

/// A fact of logistics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Pieces of a variant came in or were counted anew, were the last to be promised, or can be had again.
    StockChanged {
        /// Whose stock it is.
        owner: OrganisationId,
        /// What it is stock of.
        variant: VariantId,
        /// How many pieces could be reserved now.
        available: i64,
    },
    /// What a paid order needs is its own.
    Allocated(Order),
    /// What an order held is given back.
    Released(Order),
    /// An order was paid after its reservation had been given back, and the stock is gone.
    AllocationFailed(Order),
    /// The order is not shipped, and will not be.
    CancellationAccepted(Order),
    /// The order is shipped already.
    CancellationRefused(Order),
    /// An order's parcels were handed to a carrier.
    Shipped {
        /// The shipment.
        shipment: ShipmentId,
        /// Its order.
        order: Order,
        /// The carrier's code.
        carrier: String,
        /// The first parcel's number.
        tracking_number: String,
    },
    /// A shipment's state is another than before.
    TrackingUpdated {
        /// The shipment.
        shipment: ShipmentId,
        /// Its order.
        order: Order,
        /// The state that it is now in.
        state: ShipmentState,
    },
    /// Every parcel of an order that left has arrived.
    Delivered {
        /// The shipment.
        shipment: ShipmentId,
        /// Its order.
        order: Order,
    },
    /// Every parcel of an order came back or never left.
    Returned {
        /// The shipment.
        shipment: ShipmentId,
        /// Its order.
        order: Order,
    },
}

impl Event {
    /// Whether goods that had left are the seller's again.
    pub(crate) fn is_return(&self) -> bool {
        matches!(self, Self::Returned { .. })
    }
}
