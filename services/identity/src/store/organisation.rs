//! Organisations. Each is its own owner.

use kernel::{OrganisationId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::Organisation;

pub(crate) mod row {
    //! The table `organisations`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "organisations")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) name: String,
        pub(crate) country: String,
        pub(crate) personal: bool,
        pub(crate) owners: i32,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Organisation {
    type Id = OrganisationId;
    type Entity = row::Entity;
    const KIND: &'static str = "organisation";

    fn id(&self) -> OrganisationId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let organisation = Self {
            id: OrganisationId::from_uuid(row.id),
            name: row.name,
            country: row.country,
            personal: row.personal,
            owners: row.owners.unsigned_abs(),
            created: Time::from_micros(row.created),
        };
        Ok(Stored::new(row.version, organisation))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.id.uuid(),
            name: self.name.clone(),
            country: self.country.clone(),
            personal: self.personal,
            owners: i32::try_from(self.owners).unwrap_or(i32::MAX),
            created: self.created.micros(),
        }
    }
}
