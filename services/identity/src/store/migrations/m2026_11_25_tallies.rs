//! Wrong passwords for addresses that have no account.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_tallies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let tallies = Table::create()
            .table("tallies")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(big_integer("tries"))
            .to_owned();
        schema.create_table(tallies).await
    }
}
