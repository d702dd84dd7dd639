//! Movements: the ledger that stock derives from.

use kernel::{OrderId, StockId, VariantId, WarehouseId};

kernel::named! {
    /// Why stock moved.
    pub(crate) enum MovementKind {
        /// On hand rose: goods came in.
        Received = "received",
        /// Reserved rose: a checkout holds it for a while.
        Reserved = "reserved",
        /// Reserved fell: given back.
        Released = "released",
        /// Neither changed: a paid order now holds what its checkout held.
        Allocated = "allocated",
        /// On hand and reserved fell: it left the house.
        Shipped = "shipped",
        /// On hand rose or fell: stocktaking.
        Adjusted = "adjusted",
        /// On hand rose: what was shipped came back, or never left.
        Returned = "returned",
    }
}

/// One entry of the ledger. It is never changed; a mistake is corrected by another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Movement {
    /// Whose level it changed.
    pub(crate) stock: StockId,
    /// What moved.
    pub(crate) variant: VariantId,
    /// Where.
    pub(crate) warehouse: WarehouseId,
    /// Why.
    pub(crate) kind: MovementKind,
    /// Signed change of the pieces on hand.
    pub(crate) on_hand_change: i64,
    /// Signed change of the pieces reserved.
    pub(crate) reserved_change: i64,
    /// For which order, if for any.
    pub(crate) order: Option<OrderId>,
    /// What whoever moved it wrote down.
    pub(crate) note: String,
}
