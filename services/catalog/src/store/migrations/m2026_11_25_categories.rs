//! Categories.

use ::store::schema::{aggregate, index, leave_room};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_categories"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let categories = aggregate("categories")
            .col(uuid_null("parent"))
            .col(text("ancestors"))
            .col(text("name"))
            .col(text("templates"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(categories).await?;
        schema
            .create_index(index("categories_of_parent", "categories", &["parent", "id"]))
            .await?;
        leave_room(schema, &["categories"]).await
    }
}
