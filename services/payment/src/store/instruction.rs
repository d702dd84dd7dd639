//! What order has instructed about escrows that are not there yet.

use kernel::{OrderId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::escrow::{Ending, Instruction};

pub(crate) mod row {
    //! The table `instructions`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "instructions")]
    pub(crate) struct Model {
        /// The order's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) ending: String,
        pub(crate) carried_out: bool,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Instruction {
    type Id = OrderId;
    type Entity = row::Entity;
    const KIND: &'static str = "instruction";

    fn id(&self) -> OrderId {
        self.order
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let instruction = Self {
            order: OrderId::from_uuid(row.id),
            ending: Ending::named(&row.ending).ok_or_else(|| Corrupt::new("instructions", "ending"))?,
            carried_out: row.carried_out,
            created: Time::from_micros(row.created),
        };
        Ok(Stored::new(row.version, instruction))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.order.uuid(),
            version,
            ending: self.ending.name().to_owned(),
            carried_out: self.carried_out,
            created: self.created.micros(),
        }
    }
}
