//! Causes, outbox, relay leases, timers and dead letters.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_23_door"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let causes = Table::create()
            .table("causes")
            .col(uuid("id").primary_key())
            .col(uuid("request"))
            .col(blob("answer"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(causes).await?;

        let outbox = Table::create()
            .table("outbox")
            .col(uuid("id").primary_key())
            .col(small_integer("shard"))
            .col(text("subject"))
            .col(uuid("aggregate"))
            .col(big_integer("version"))
            .col(text("owners"))
            .col(text("traceparent"))
            .col(blob("body"))
            .col(big_integer("created"))
            .col(big_integer_null("published"))
            .to_owned();
        schema.create_table(outbox).await?;

        let leases = Table::create()
            .table("relay_leases")
            .col(small_integer("shard").primary_key())
            .col(text("holder"))
            .col(big_integer("expires"))
            .to_owned();
        schema.create_table(leases).await?;

        // The stream that the outbox was last published to: another creation time or a lower sequence means that the broker lost it.
        let stream = Table::create()
            .table("relay_stream")
            .col(text("name").primary_key())
            .col(big_integer("created"))
            .col(big_integer("last_sequence"))
            .to_owned();
        schema.create_table(stream).await?;

        let timers = Table::create()
            .table("timers")
            .col(text("kind"))
            .col(uuid("aggregate"))
            .col(big_integer("due"))
            .col(integer("attempts").default(0))
            .primary_key(Index::create().col("kind").col("aggregate"))
            .to_owned();
        schema.create_table(timers).await?;
        schema
            .create_index(Index::create().name("timers_due").table("timers").col("due").to_owned())
            .await?;

        let letters = Table::create()
            .table("dead_letters")
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
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(letters).await?;
        schema
            .create_index(
                Index::create()
                    .name("dead_letters_of")
                    .table("dead_letters")
                    .col("consumer")
                    .col("aggregate")
                    .to_owned(),
            )
            .await?;

        // Partial, and the only one in the relay's order.
        let db = schema.get_connection();
        db.execute_unprepared("CREATE INDEX outbox_unpublished ON outbox (created, id) WHERE published IS NULL")
            .await?;
        Ok(())
    }

    async fn down(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in ["dead_letters", "timers", "relay_stream", "relay_leases", "outbox", "causes"] {
            schema.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
