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
        documents(schema, "stock", &["levels"]).await?;
        documents(schema, "warehouses", &["address", "freight"]).await?;
        documents(schema, "reservations", &["lines", "picks"]).await?;
        documents(schema, "holds", &["answer"]).await?;
        documents(schema, "tracks", &["claim"]).await?;
        documents(schema, "shipments", &["parcels"]).await
    }
}
