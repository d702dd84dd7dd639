//! Categories, in the table `categories`.

use kernel::{CategoryId, OrganisationId, Time};
use store::{Aggregate, Corrupt, Document, Stored};

use crate::domain::{Category, category::Label};

pub(crate) mod row {
    //! The table `categories`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "categories")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) parent: Option<Uuid>,
        pub(crate) ancestors: Document,
        pub(crate) name: String,
        pub(crate) templates: Document,
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
        let category = Self {
            id: CategoryId::from_uuid(row.id),
            owner: OrganisationId::from_uuid(row.owner),
            ancestors: row.ancestors.read("categories")?,
            label: Label {
                name: row.name,
                templates: row.templates.read("categories")?,
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
            ancestors: Document::of(&self.ancestors),
            name: self.label.name.clone(),
            templates: Document::of(&self.label.templates),
            created: self.created.micros(),
            updated: self.updated.micros(),
        }
    }
}
