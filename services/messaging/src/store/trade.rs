//! The parties of orders.

use kernel::{OrderId, OrganisationId};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::trade::Trade;

pub(crate) mod row {
    //! The table `trades`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "trades")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) seller: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Trade {
    type Id = OrderId;
    type Entity = row::Entity;
    const KIND: &'static str = "trade";

    fn id(&self) -> OrderId {
        self.order
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let trade = Self {
            order: OrderId::from_uuid(row.id),
            buyer: OrganisationId::from_uuid(row.owner),
            seller: OrganisationId::from_uuid(row.seller),
        };
        Ok(Stored::new(row.version, trade))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.order.uuid(),
            version,
            owner: self.buyer.uuid(),
            seller: self.seller.uuid(),
        }
    }
}
