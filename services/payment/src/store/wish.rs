//! What order wishes of escrows that are not there yet.

use kernel::{OrderId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::escrow::{Ending, Wish};

pub(crate) mod row {
    //! The table `wishes`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "wishes")]
    pub(crate) struct Model {
        /// The order's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) ending: String,
        pub(crate) granted: bool,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Wish {
    type Id = OrderId;
    type Entity = row::Entity;
    const KIND: &'static str = "wish";

    fn id(&self) -> OrderId {
        self.order
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let wish = Self {
            order: OrderId::from_uuid(row.id),
            ending: Ending::named(&row.ending).ok_or_else(|| Corrupt::new("wishes", "ending"))?,
            granted: row.granted,
            created: Time::from_micros(row.created),
        };
        Ok(Stored::new(row.version, wish))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.order.uuid(),
            version,
            ending: self.ending.name().to_owned(),
            granted: self.granted,
            created: self.created.micros(),
        }
    }
}
