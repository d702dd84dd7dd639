//! Warehouses.

use kernel::{OrganisationId, Time, WarehouseId};
use store::{Aggregate, Corrupt, Document, Stored};

use crate::domain::Warehouse;

pub(crate) mod row {
    //! The table `warehouses`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "warehouses")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) name: String,
        /// Personal data.
        pub(crate) address: Document,
        pub(crate) freight: Document,
        pub(crate) created: i64,
        pub(crate) changed: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Warehouse {
    type Id = WarehouseId;
    type Entity = row::Entity;
    const KIND: &'static str = "warehouse";

    fn id(&self) -> WarehouseId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let warehouse = Self {
            id: WarehouseId::from_uuid(row.id),
            owner: OrganisationId::from_uuid(row.owner),
            name: row.name,
            address: row.address.read("warehouses")?,
            freight: row.freight.read("warehouses")?,
            created: Time::from_micros(row.created),
            changed: Time::from_micros(row.changed),
        };
        Ok(Stored::new(row.version, warehouse))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.owner.uuid(),
            name: self.name.clone(),
            address: Document::of(&self.address),
            freight: Document::of(&self.freight),
            created: self.created.micros(),
            changed: self.changed.micros(),
        }
    }
}
