//! Stores, products and article numbers.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_23_listings"
    }
}

/// An aggregate's table: id, version and owner, then its own columns.
pub(super) fn aggregate(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(uuid("owner"))
        .to_owned()
}

/// An index by these columns. Ids of one kind sort by the time of their making, so an index that ends with the id serves lists by age.
pub(super) fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
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
            .col(json_binary("details"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(products).await?;
        schema
            .create_index(index("products_by_state", "products", &["state", "id"]))
            .await?;
        let by_store = index("products_of_store", "products", &["store", "state", "id"]);
        schema.create_index(by_store).await?;
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
        let unique = index("a_sku_is_unique_within_its_store", "skus", &["store", "sku"])
            .unique()
            .to_owned();
        schema.create_index(unique).await?;
        schema.create_index(index("skus_of_variant", "skus", &["variant"])).await
    }
}
