//! What finds old causes: a BRIN index, which costs writers nothing to speak of. SQLite goes by its row numbers.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_sweeping"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        if schema.get_database_backend() == DbBackend::Postgres {
            let index = "CREATE INDEX causes_created ON causes USING brin (created)";
            schema.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        if schema.get_database_backend() == DbBackend::Postgres {
            schema.get_connection().execute_unprepared("DROP INDEX causes_created").await?;
        }
        Ok(())
    }
}
