//! Imports and the rows that they rejected.

use ::store::schema::{aggregate, index};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_imports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let imports = aggregate("imports")
            .col(uuid("store"))
            .col(text("state"))
            .col(big_integer("listed"))
            .col(big_integer("changed"))
            .col(big_integer("unchanged"))
            .col(big_integer("rejected"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(imports).await?;

        let rejections = Table::create()
            .table("rejections")
            .col(uuid("id").primary_key())
            .col(uuid("import"))
            .col(big_integer("place"))
            .col(blob("message"))
            .to_owned();
        schema.create_table(rejections).await?;
        schema
            .create_index(index("rejections_of_import", "rejections", &["import", "place"]))
            .await
    }
}
