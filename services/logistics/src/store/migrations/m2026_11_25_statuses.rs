//! What carriers call the statuses that they report, which may be others than our states.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_statuses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let column = text("status").default("").to_owned();
        let mut alter = Table::alter();
        schema
            .alter_table(alter.table("carrier_events").add_column(column).to_owned())
            .await
    }
}
