//! Stores, products and article numbers.

use ::store::schema::{aggregate, index, leave_room};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_listings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let stores = aggregate("stores")
            .col(text("currency"))
            .col(text("name"))
            .col(text("description"))
            .col(text("country"))
            .col(integer("tax_basis_points"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(stores).await?;
        schema.create_index(index("stores_of_owner", "stores", &["owner", "id"])).await?;

        let products = aggregate("products")
            .col(uuid("store"))
            .col(uuid_null("category"))
            .col(text("state"))
            .col(text("title"))
            .col(text("description"))
            .col(text("brand"))
            .col(text("details"))
            .col(big_integer("rating_stars"))
            .col(big_integer("rating_count"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(products).await?;
        schema
            .create_index(index("products_by_state", "products", &["state", "id"]))
            .await?;
        schema
            .create_index(index("products_of_store", "products", &["store", "state", "id"]))
            .await?;
        schema
            .create_index(index("products_of_owner", "products", &["owner", "id"]))
            .await?;

        let skus = aggregate("skus")
            .col(uuid("store"))
            .col(text("sku"))
            .col(uuid_null("product"))
            .col(uuid_null("variant"))
            .to_owned();
        schema.create_table(skus).await?;
        schema
            .create_index(
                index("a_sku_is_unique_within_its_store", "skus", &["store", "sku"])
                    .unique()
                    .to_owned(),
            )
            .await?;
        schema.create_index(index("skus_of_variant", "skus", &["variant"])).await?;
        leave_room(schema, &["products"]).await
    }
}
