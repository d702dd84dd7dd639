//! Causes, outbox, timers and dead letters.

use sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::index;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        causes(schema).await?;
        outbox(schema).await?;
        timers(schema).await?;
        dead_letters(schema).await
    }
}

async fn causes(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let causes = Table::create()
        .table("causes")
        .col(uuid("id").primary_key())
        .col(uuid("request"))
        .col(blob("answer"))
        .col(big_integer("created"))
        .to_owned();
    schema.create_table(causes).await?;
    // What finds old causes: an index that costs writers nothing to speak of. SQLite goes by its row numbers.
    if schema.get_database_backend() == DbBackend::Postgres {
        let index = "CREATE INDEX causes_created ON causes USING brin (created)";
        schema.get_connection().execute_unprepared(index).await?;
    }
    Ok(())
}

async fn outbox(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let outbox = event("outbox")
        .col(small_integer("shard"))
        .col(big_integer("created"))
        .col(big_integer_null("published"))
        .to_owned();
    schema.create_table(outbox).await?;
    // Partial, and the only one in the relay's order.
    let db = schema.get_connection();
    db.execute_unprepared("CREATE INDEX outbox_unpublished ON outbox (created, id) WHERE published IS NULL")
        .await?;

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
    schema.create_table(stream).await
}

async fn timers(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let timers = Table::create()
        .table("timers")
        .col(text("kind"))
        .col(uuid("aggregate"))
        .col(big_integer("due"))
        .col(integer("attempts").default(0))
        .primary_key(Index::create().col("kind").col("aggregate"))
        .to_owned();
    schema.create_table(timers).await?;
    schema.create_index(index("timers_due", "timers", &["due"])).await
}

/// Those that wait, and those that an operator gave up.
async fn dead_letters(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    schema.create_table(letter("dead_letters")).await?;
    schema
        .create_index(index("dead_letters_of", "dead_letters", &["consumer", "aggregate"]))
        .await?;
    let purged = letter("purged_letters")
        .col(text("reason"))
        .col(uuid("account"))
        .col(big_integer("purged"))
        .to_owned();
    schema.create_table(purged).await
}

fn letter(name: &'static str) -> TableCreateStatement {
    event(name)
        .col(text("consumer"))
        .col(uuid("event"))
        .col(big_integer("occurred"))
        .col(text("error"))
        .col(integer("tries").default(0))
        .col(big_integer("tried").default(0))
        .col(big_integer("created"))
        .to_owned()
}

/// What the tables that hold events have in common.
fn event(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("id").primary_key())
        .col(text("subject"))
        .col(uuid("aggregate"))
        .col(big_integer("version"))
        .col(text("owners"))
        .col(text("traceparent"))
        .col(blob("body"))
        .to_owned()
}
