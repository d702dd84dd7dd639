//! Stock: how many pieces of a variant a seller has, and how many of them are promised.

use std::collections::BTreeMap;

use kernel::{OrderId, OrganisationId, StockId, VariantId, WarehouseId};
use serde::{Deserialize, Serialize};

use super::{Movement, MovementKind, Pick};

/// The most pieces that a stock may count.
pub(crate) const MOST_PIECES: i64 = 1_000_000_000_000_000;

/// The pieces in one warehouse. Always 0 <= reserved <= on hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Level {
    /// Pieces in the house.
    pub(crate) on_hand: i64,
    /// Those of them that are promised.
    pub(crate) reserved: i64,
}

/// An organisation's stock of a variant, over all its warehouses. Its id follows from both, so nobody has to look for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stock {
    owner: OrganisationId,
    variant: VariantId,
    levels: BTreeMap<WarehouseId, Level>,
}

/// Why stock cannot move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StockError {
    /// Nothing, or less than nothing, cannot be moved.
    #[error("the quantity must not be zero")]
    NoQuantity,
    /// More than is not promised yet.
    #[error("only {available} pieces are available")]
    NotAvailable {
        /// Pieces in that warehouse that nobody was promised.
        available: i64,
    },
    /// More is given back or shipped than was promised, which only a fault of ours can ask for.
    #[error("only {reserved} pieces are reserved")]
    NotReserved {
        /// Pieces in that warehouse that are promised.
        reserved: i64,
    },
    /// More pieces than [`MOST_PIECES`].
    #[error("a stock counts at most {MOST_PIECES} pieces")]
    TooMany,
}

/// The id of an organisation's stock of a variant.
pub(crate) fn stock_id(owner: OrganisationId, variant: VariantId) -> StockId {
    StockId::derived(owner, &variant.to_string())
}

impl Stock {
    /// No pieces anywhere.
    pub(crate) fn empty(owner: OrganisationId, variant: VariantId) -> Self {
        Self::of(owner, variant, BTreeMap::new())
    }

    /// Stock with these levels.
    pub(crate) fn of(owner: OrganisationId, variant: VariantId, levels: BTreeMap<WarehouseId, Level>) -> Self {
        Self { owner, variant, levels }
    }

    /// Its id.
    pub(crate) fn id(&self) -> StockId {
        stock_id(self.owner, self.variant)
    }

    /// Who may sell it.
    pub(crate) fn owner(&self) -> OrganisationId {
        self.owner
    }

    /// What it is stock of.
    pub(crate) fn variant(&self) -> VariantId {
        self.variant
    }

    /// The pieces in each warehouse that ever had any.
    pub(crate) fn levels(&self) -> &BTreeMap<WarehouseId, Level> {
        &self.levels
    }

    /// All pieces in all houses.
    pub(crate) fn on_hand(&self) -> i64 {
        self.levels.values().map(|level| level.on_hand).sum()
    }

    /// All pieces that are promised.
    pub(crate) fn reserved(&self) -> i64 {
        self.levels.values().map(|level| level.reserved).sum()
    }

    /// All pieces that nobody was promised.
    pub(crate) fn available(&self) -> i64 {
        self.on_hand() - self.reserved()
    }

    /// The pieces in a warehouse that nobody was promised.
    pub(crate) fn available_in(&self, warehouse: WarehouseId) -> i64 {
        self.levels.get(&warehouse).map_or(0, |level| level.on_hand - level.reserved)
    }

    /// Pieces came in.
    ///
    /// # Errors
    /// No pieces, or too many.
    pub(crate) fn receive(&mut self, warehouse: WarehouseId, quantity: i64, note: &str) -> Result<Movement, StockError> {
        if quantity <= 0 {
            return Err(StockError::NoQuantity);
        }
        self.count(warehouse, quantity, MovementKind::Received, note)
    }

    /// The count is corrected after stocktaking. What is promised stays in the house.
    ///
    /// # Errors
    /// No change, fewer pieces than are promised, or too many.
    pub(crate) fn adjust(&mut self, warehouse: WarehouseId, change: i64, note: &str) -> Result<Movement, StockError> {
        if change == 0 {
            return Err(StockError::NoQuantity);
        }
        let available = self.available_in(warehouse);
        if available.checked_add(change).is_none_or(|left| left < 0) {
            return Err(StockError::NotAvailable { available });
        }
        self.count(warehouse, change, MovementKind::Adjusted, note)
    }

    fn count(&mut self, warehouse: WarehouseId, change: i64, kind: MovementKind, note: &str) -> Result<Movement, StockError> {
        if self.on_hand().checked_add(change).is_none_or(|sum| sum > MOST_PIECES) {
            return Err(StockError::TooMany);
        }
        self.levels.entry(warehouse).or_default().on_hand += change;
        let moved = self.movement(kind, warehouse, (change, 0), None);
        Ok(Movement {
            note: note.to_owned(),
            ..moved
        })
    }

    /// Promises the pieces of a pick to an order.
    ///
    /// # Errors
    /// Fewer are available in that warehouse. Nothing has changed then.
    pub(crate) fn reserve(&mut self, order: OrderId, pick: &Pick) -> Result<Movement, StockError> {
        let available = self.available_in(pick.warehouse);
        if !(1..=available).contains(&pick.quantity) {
            return Err(StockError::NotAvailable { available });
        }
        self.levels.entry(pick.warehouse).or_default().reserved += pick.quantity;
        Ok(self.movement(MovementKind::Reserved, pick.warehouse, (0, pick.quantity), Some(order)))
    }

    /// Takes a promise back.
    ///
    /// # Errors
    /// It was never given.
    pub(crate) fn release(&mut self, order: OrderId, pick: &Pick) -> Result<Movement, StockError> {
        self.promised(pick)?.reserved -= pick.quantity;
        Ok(self.movement(MovementKind::Released, pick.warehouse, (0, -pick.quantity), Some(order)))
    }

    /// Keeps a promise: the pieces leave the house.
    ///
    /// # Errors
    /// It was never given.
    pub(crate) fn ship(&mut self, order: OrderId, pick: &Pick) -> Result<Movement, StockError> {
        let level = self.promised(pick)?;
        level.reserved -= pick.quantity;
        level.on_hand -= pick.quantity;
        Ok(self.movement(MovementKind::Shipped, pick.warehouse, (-pick.quantity, -pick.quantity), Some(order)))
    }

    /// What was shipped is in the house again. The most that a stock may count is for those who count: goods that are there are there.
    ///
    /// # Errors
    /// A sum beyond 64 bits.
    pub(crate) fn take_back(&mut self, order: OrderId, pick: &Pick) -> Result<Movement, StockError> {
        self.on_hand().checked_add(pick.quantity).ok_or(StockError::TooMany)?;
        self.levels.entry(pick.warehouse).or_default().on_hand += pick.quantity;
        Ok(self.movement(MovementKind::Returned, pick.warehouse, (pick.quantity, 0), Some(order)))
    }

    fn promised(&mut self, pick: &Pick) -> Result<&mut Level, StockError> {
        let level = self
            .levels
            .get_mut(&pick.warehouse)
            .ok_or(StockError::NotReserved { reserved: 0 })?;
        if !(1..=level.reserved).contains(&pick.quantity) {
            return Err(StockError::NotReserved { reserved: level.reserved });
        }
        Ok(level)
    }

    fn movement(&self, kind: MovementKind, warehouse: WarehouseId, change: (i64, i64), order: Option<OrderId>) -> Movement {
        Movement {
            stock: self.id(),
            variant: self.variant,
            warehouse,
            kind,
            on_hand_change: change.0,
            reserved_change: change.1,
            order,
            note: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::samples::{order, seller, variant, warehouse};

    #[derive(Clone, Debug)]
    enum Step {
        Receive(u128, i64),
        Adjust(u128, i64),
        Reserve(u128, i64),
        Release(u128, i64),
        Ship(u128, i64),
        TakeBack(u128, i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let arguments = || (0u128..3, -5i64..20);
        prop_oneof![
            arguments().prop_map(|(place, quantity)| Step::Receive(place, quantity)),
            arguments().prop_map(|(place, quantity)| Step::Adjust(place, quantity - 8)),
            arguments().prop_map(|(place, quantity)| Step::Reserve(place, quantity)),
            arguments().prop_map(|(place, quantity)| Step::Release(place, quantity)),
            arguments().prop_map(|(place, quantity)| Step::Ship(place, quantity)),
            (0u128..3, 1i64..20).prop_map(|(place, quantity)| Step::TakeBack(place, quantity)),
        ]
    }

    fn pick(place: u128, quantity: i64) -> Pick {
        Pick {
            variant: variant(1),
            warehouse: warehouse(place),
            quantity,
        }
    }

    proptest! {
        #[test]
        fn levels_are_the_sum_of_movements_and_promises_are_never_more_than_pieces(steps in prop::collection::vec(step(), 0..80)) {
            let mut stock = Stock::empty(seller(1), variant(1));
            let mut sums = BTreeMap::<WarehouseId, Level>::new();
            for step in steps {
                let before = stock.clone();
                let moved = match step {
                    Step::Receive(place, quantity) => stock.receive(warehouse(place), quantity, ""),
                    Step::Adjust(place, change) => stock.adjust(warehouse(place), change, ""),
                    Step::Reserve(place, quantity) => stock.reserve(order(1), &pick(place, quantity)),
                    Step::Release(place, quantity) => stock.release(order(1), &pick(place, quantity)),
                    Step::Ship(place, quantity) => stock.ship(order(1), &pick(place, quantity)),
                    Step::TakeBack(place, quantity) => stock.take_back(order(1), &pick(place, quantity)),
                };
                match moved {
                    Ok(movement) => {
                        let sum = sums.entry(movement.warehouse).or_default();
                        sum.on_hand += movement.on_hand_change;
                        sum.reserved += movement.reserved_change;
                    }
                    Err(_) => prop_assert_eq!(&stock, &before, "a refusal changes nothing"),
                }
                prop_assert_eq!(stock.levels(), &sums);
                prop_assert!(stock.levels().values().all(|level| 0 <= level.reserved && level.reserved <= level.on_hand));
            }
        }
    }

    #[test]
    fn on_hand_never_falls_below_what_is_reserved() {
        let mut stock = Stock::empty(seller(1), variant(1));
        stock.receive(warehouse(1), 10, "").unwrap();
        stock.reserve(order(1), &pick(1, 7)).unwrap();
        assert_eq!(stock.adjust(warehouse(1), -4, ""), Err(StockError::NotAvailable { available: 3 }));
        assert_eq!(stock.adjust(warehouse(1), -3, "broken").unwrap().note, "broken");
        assert_eq!((stock.on_hand(), stock.reserved(), stock.available()), (7, 7, 0));
    }

    #[test]
    fn the_count_has_an_end() {
        let mut stock = Stock::empty(seller(1), variant(1));
        stock.receive(warehouse(1), MOST_PIECES, "").unwrap();
        assert_eq!(stock.receive(warehouse(2), 1, ""), Err(StockError::TooMany));
        assert_eq!(stock.receive(warehouse(2), i64::MAX, ""), Err(StockError::TooMany));
        assert_eq!(
            stock.adjust(warehouse(2), i64::MIN, ""),
            Err(StockError::NotAvailable { available: 0 })
        );
    }

    #[test]
    fn the_id_follows_from_seller_and_variant() {
        assert_eq!(Stock::empty(seller(1), variant(1)).id(), stock_id(seller(1), variant(1)));
        assert_ne!(stock_id(seller(1), variant(1)), stock_id(seller(2), variant(1)));
    }
}
