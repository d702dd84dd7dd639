//! What no query asks for is kept as text.

use ::store::schema::documents;
use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_documents"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        documents(schema, "carts", &["lines"]).await?;
        documents(schema, "quotations", &["lines"]).await?;
        documents(schema, "checkouts", &["quotations", "progress"]).await?;
        documents(schema, "orders", &["lines", "ship_to", "timeline"]).await
    }
}
