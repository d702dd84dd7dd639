//! Carts. An organisation has one, so its id is the organisation's.

use kernel::OrganisationId;
use store::{Aggregate, Corrupt, Document, Stored};

use crate::domain::Cart;

pub(crate) mod row {
    //! The table `carts`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "carts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) lines: Document,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Cart {
    type Id = OrganisationId;
    type Entity = row::Entity;
    const KIND: &'static str = "cart";

    fn id(&self) -> OrganisationId {
        self.owner
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let cart = Self {
            owner: OrganisationId::from_uuid(row.owner),
            lines: row.lines.read("carts")?,
        };
        Ok(Stored::new(row.version, cart))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.owner.uuid(),
            version,
            owner: self.owner.uuid(),
            lines: Document::of(&self.lines),
        }
    }
}
