//! What operators need of dead letters: how often each was tried, and which ones were given up.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_24_operations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // With defaults, because the release before does not know these columns; one by one, because SQLite adds no two at once.
        for column in [integer("tries").default(0).to_owned(), big_integer("tried").default(0).to_owned()] {
            let mut alter = Table::alter();
            schema
                .alter_table(alter.table("dead_letters").add_column(column).to_owned())
                .await?;
        }
        let purged = Table::create()
            .table("purged_letters")
            .col(uuid("id").primary_key())
            .col(text("consumer"))
            .col(uuid("event"))
            .col(text("subject"))
            .col(uuid("aggregate"))
            .col(big_integer("version"))
            .col(text("owners"))
            .col(text("traceparent"))
            .col(big_integer("occurred"))
            .col(blob("body"))
            .col(text("error"))
            .col(integer("tries"))
            .col(big_integer("tried"))
            .col(big_integer("created"))
            .col(text("reason"))
            .col(uuid("account"))
            .col(big_integer("purged"))
            .to_owned();
        schema.create_table(purged).await
    }

    async fn down(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.drop_table(Table::drop().table("purged_letters").to_owned()).await?;
        for column in ["tried", "tries"] {
            let mut alter = Table::alter();
            schema
                .alter_table(alter.table("dead_letters").drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
