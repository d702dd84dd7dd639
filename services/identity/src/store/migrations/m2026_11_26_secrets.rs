//! The keys by which sessions prove that refresh tokens were theirs. Sessions that are there have none and go on.

use ::store::schema::add_columns;
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_26_secrets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        add_columns(schema, "sessions", [&mut blob_null("secrets_key")]).await
    }
}
