//! What order wishes of an escrow is remembered while the escrow is not there.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_wishes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let wishes = Table::create()
            .table("wishes")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(text("ending"))
            .col(boolean("granted"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(wishes).await
    }
}
