//! Wallets are found by their owner without the escrows of all orders that the owner ever paid.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_wallets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        db.execute_unprepared("CREATE INDEX wallets_of_owner ON accounts (owner) WHERE kind = 'wallet'")
            .await?;
        db.execute_unprepared("DROP INDEX accounts_of_owner").await.map(drop)
    }
}
