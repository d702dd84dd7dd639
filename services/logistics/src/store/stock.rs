//! Stock: the levels of all warehouses in one row, with their sums as columns that the database guards.

use kernel::{OrganisationId, StockId, VariantId};
use store::{Aggregate, Corrupt, Document, Stored};

use crate::domain::Stock;

pub(crate) mod row {
    //! The table `stock`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock")]
    pub(crate) struct Model {
        /// Follows from owner and variant.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) variant: Uuid,
        pub(crate) levels: Document,
        pub(crate) on_hand: i64,
        pub(crate) reserved: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Stock {
    type Id = StockId;
    type Entity = row::Entity;
    const KIND: &'static str = "stock";

    fn id(&self) -> StockId {
        Stock::id(self)
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let (owner, variant) = (OrganisationId::from_uuid(row.owner), VariantId::from_uuid(row.variant));
        let stock = Self::of(owner, variant, row.levels.read("stock")?);
        if (stock.on_hand(), stock.reserved()) == (row.on_hand, row.reserved) {
            Ok(Stored::new(row.version, stock))
        } else {
            Err(Corrupt::new("stock", "the levels do not add up to the totals"))
        }
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: Stock::id(self).uuid(),
            version,
            owner: self.owner().uuid(),
            variant: self.variant().uuid(),
            levels: Document::of(self.levels()),
            on_hand: self.on_hand(),
            reserved: self.reserved(),
        }
    }
}
