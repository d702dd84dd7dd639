//! The ledger of movements: rows that are only ever added.

use kernel::{MovementId, OrderId, StockId, Time, VariantId, WarehouseId};
use store::Corrupt;
use uuid::Uuid;

use crate::domain::{Movement, MovementKind};

pub(crate) mod row {
    //! The table `movements`. Its key begins with the stock, so that a stock's
    //! ledger lies together and is read newest first without another index.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "movements")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) stock: Uuid,
        /// Of version 7: later movements sort later.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) variant: Uuid,
        pub(crate) warehouse: Uuid,
        pub(crate) kind: String,
        pub(crate) on_hand_change: i64,
        pub(crate) reserved_change: i64,
        pub(crate) order_id: Option<Uuid>,
        pub(crate) note: String,
        pub(crate) time: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// When movements happened and what they are called: a first id that is made outside of the closure, and those that follow it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Journal {
    first: MovementId,
    now: Time,
}

impl Journal {
    /// A journal of this time.
    pub(crate) fn at(now: Time) -> Self {
        Self {
            first: MovementId::at(now),
            now,
        }
    }

    /// The time of the update.
    pub(crate) fn now(self) -> Time {
        self.now
    }

    /// The row of the movement at this place of one update.
    pub(crate) fn row(self, place: usize, movement: &Movement) -> row::Model {
        row::Model {
            stock: movement.stock.uuid(),
            id: Uuid::from_u128(self.first.uuid().as_u128().wrapping_add(place as u128)),
            variant: movement.variant.uuid(),
            warehouse: movement.warehouse.uuid(),
            kind: movement.kind.name().to_owned(),
            on_hand_change: movement.on_hand_change,
            reserved_change: movement.reserved_change,
            order_id: movement.order.map(OrderId::uuid),
            note: movement.note.clone(),
            time: self.now.micros(),
        }
    }
}

/// An entry of the ledger, and when it was written.
pub(crate) fn from_row(row: row::Model) -> Result<(MovementId, Movement, Time), Corrupt> {
    let kind = MovementKind::named(&row.kind);
    let movement = Movement {
        stock: StockId::from_uuid(row.stock),
        variant: VariantId::from_uuid(row.variant),
        warehouse: WarehouseId::from_uuid(row.warehouse),
        kind: kind.ok_or_else(|| Corrupt::new("movements", "kind"))?,
        on_hand_change: row.on_hand_change,
        reserved_change: row.reserved_change,
        order: row.order_id.map(OrderId::from_uuid),
        note: row.note,
    };
    Ok((MovementId::from_uuid(row.id), movement, Time::from_micros(row.time)))
}
