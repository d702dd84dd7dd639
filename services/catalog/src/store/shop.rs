//! Shops, in the table `stores`.

use kernel::{OrganisationId, StoreId, Time};
use store::{Aggregate, Corrupt, Stored, parse};

use crate::domain::{Shop, Window};

pub(crate) mod row {
    //! The table `stores`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stores")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) currency: String,
        pub(crate) name: String,
        pub(crate) description: String,
        pub(crate) country: String,
        pub(crate) tax_basis_points: i32,
        pub(crate) created: i64,
        pub(crate) updated: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Shop {
    type Id = StoreId;
    type Entity = row::Entity;
    const KIND: &'static str = "store";

    fn id(&self) -> StoreId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let shop = Self {
            id: StoreId::from_uuid(row.id),
            owner: OrganisationId::from_uuid(row.owner),
            currency: parse("stores", &row.currency)?,
            window: Window {
                name: row.name,
                description: row.description,
                country: row.country,
                tax_basis_points: u32::try_from(row.tax_basis_points).map_err(|error| Corrupt::new("stores", error))?,
            },
            created: Time::from_micros(row.created),
            updated: Time::from_micros(row.updated),
        };
        Ok(Stored::new(row.version, shop))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.owner.uuid(),
            currency: self.currency.code().to_owned(),
            name: self.window.name.clone(),
            description: self.window.description.clone(),
            country: self.window.country.clone(),
            tax_basis_points: i32::try_from(self.window.tax_basis_points).expect("the API takes at most 100 per cent"),
            created: self.created.micros(),
            updated: self.updated.micros(),
        }
    }
}
