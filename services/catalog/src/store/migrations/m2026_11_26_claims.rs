//! The rows that imports are claimed for while they are taken in.

use ::store::schema::add_columns;
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_26_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        add_columns(schema, "imports", [&mut uuid_null("claim"), &mut big_integer_null("claimed")]).await
    }
}
