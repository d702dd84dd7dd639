//! Movements: the ledger that stock derives from.

use kernel::{OrderId, StockId, VariantId, WarehouseId};

/// Why stock moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MovementKind {
    /// On hand rose: goods came in.
    Received,
    /// Reserved rose: a checkout holds it for a while.
    Reserved,
    /// Reserved fell: given back.
    Released,
    /// Neither changed: a paid order now holds what its checkout held.
    Allocated,
    /// On hand and reserved fell: it left the house.
    Shipped,
    /// On hand rose or fell: stocktaking.
    Adjusted,
    /// On hand rose: what was shipped came back, or never left.
    Returned,
}

impl MovementKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 7] = [
        Self::Received,
        Self::Reserved,
        Self::Released,
        Self::Allocated,
        Self::Shipped,
        Self::Adjusted,
        Self::Returned,
    ];

    /// Its name, as the ledger keeps it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Reserved => "reserved",
            Self::Released => "released",
            Self::Allocated => "allocated",
            Self::Shipped => "shipped",
            Self::Adjusted => "adjusted",
            Self::Returned => "returned",
        }
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
