//! Products, in the table `products`: one row each, what is never queried on its own as JSON.

use kernel::{CategoryId, OrganisationId, ProductId, StoreId, Time};
use serde::{Deserialize, Serialize};
use store::{Aggregate, Corrupt, Document, Stored};

use crate::domain::{Attribute, Listing, Product, State, Variant, rating::Rating};

pub(crate) mod row {
    //! The table `products`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) store: Uuid,
        pub(crate) category: Option<Uuid>,
        pub(crate) state: String,
        pub(crate) title: String,
        pub(crate) description: String,
        pub(crate) brand: String,
        pub(crate) details: Document,
        pub(crate) created: i64,
        pub(crate) updated: i64,
        pub(crate) rating_stars: i64,
        pub(crate) rating_count: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The column `details`.
#[derive(Serialize, Deserialize)]
struct Details {
    attributes: Vec<Attribute>,
    option_names: Vec<String>,
    variants: Vec<Variant>,
}

impl Aggregate for Product {
    type Id = ProductId;
    type Entity = row::Entity;
    const KIND: &'static str = "product";

    fn id(&self) -> ProductId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let corrupt = |reason: &str| Corrupt::new("products", reason);
        let details: Details = row.details.read("products")?;
        let product = Self {
            id: ProductId::from_uuid(row.id),
            shop: StoreId::from_uuid(row.store),
            owner: OrganisationId::from_uuid(row.owner),
            state: State::named(&row.state).ok_or_else(|| corrupt("state"))?,
            listing: Listing {
                category: row.category.map(CategoryId::from_uuid),
                title: row.title,
                description: row.description,
                brand: row.brand,
                attributes: details.attributes,
                option_names: details.option_names,
                variants: details.variants,
            },
            rating: Rating {
                stars: row.rating_stars,
                count: row.rating_count,
            },
            created: Time::from_micros(row.created),
            updated: Time::from_micros(row.updated),
        };
        Ok(Stored::new(row.version, product))
    }

    fn to_row(&self, version: i64) -> row::Model {
        let listing = self.listing.clone();
        let details = Details {
            attributes: listing.attributes,
            option_names: listing.option_names,
            variants: listing.variants,
        };
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.owner.uuid(),
            store: self.shop.uuid(),
            category: listing.category.map(CategoryId::uuid),
            state: self.state.name().to_owned(),
            title: listing.title,
            description: listing.description,
            brand: listing.brand,
            details: Document::of(&details),
            created: self.created.micros(),
            updated: self.updated.micros(),
            rating_stars: self.rating.stars,
            rating_count: self.rating.count,
        }
    }
}
