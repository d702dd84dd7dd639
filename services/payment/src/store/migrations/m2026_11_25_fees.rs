//! The few accounts that fees come in on are found among the many of orders.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_fees"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        db.execute_unprepared("CREATE INDEX accounts_of_fees ON accounts (id) WHERE kind = 'fees'")
            .await
            .map(drop)
    }
}
