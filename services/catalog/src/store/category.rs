//! Categories, in the table `categories`.

use kernel::{CategoryId, OrganisationId, Time};
use serde::Deserialize;
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{Category, category::Label};

pub(crate) mod row {
    //! The table `categories`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "categories")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) parent: Option<Uuid>,
        #[sea_orm(column_type = "JsonBinary")]
        pub(crate) ancestors: Json,
        pub(crate) name: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub(crate) templates: Json,
        pub(crate) created: i64,
        pub(crate) updated: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Category {
    type Id = CategoryId;
    type Entity = row::Entity;
    const KIND: &'static str = "category";

    fn id(&self) -> CategoryId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let corrupt = |error: serde_json::Error| Corrupt::new("categories", error);
        let category = Self {
            id: CategoryId::from_uuid(row.id),
            owner: OrganisationId::from_uuid(row.owner),
            ancestors: Deserialize::deserialize(row.ancestors).map_err(corrupt)?,
            label: Label {
                name: row.name,
                templates: Deserialize::deserialize(row.templates).map_err(corrupt)?,
            },
            created: Time::from_micros(row.created),
            updated: Time::from_micros(row.updated),
        };
        Ok(Stored::new(row.version, category))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.owner.uuid(),
            parent: self.parent().map(CategoryId::uuid),
            ancestors: serde_json::to_value(&self.ancestors).expect("ids are JSON"),
            name: self.label.name.clone(),
            templates: serde_json::to_value(&self.label.templates).expect("templates are JSON"),
            created: self.created.micros(),
            updated: self.updated.micros(),
        }
    }
}
