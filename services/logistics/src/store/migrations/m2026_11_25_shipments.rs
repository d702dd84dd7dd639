//! Shipments, tracking numbers and what carriers reported.

use ::store::schema::{aggregate, index, leave_room};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_shipments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let shipments = aggregate("shipments")
            .col(uuid("order_id"))
            .col(uuid("checkout"))
            .col(uuid("buyer"))
            .col(text("carrier"))
            .col(text("state"))
            .col(text("parcels"))
            .col(big_integer("ordered"))
            .col(big_integer("created"))
            .col(big_integer_null("delivered"))
            .to_owned();
        schema.create_table(shipments).await?;

        let tracks = Table::create()
            .table("tracks")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(text("carrier"))
            .col(text("number"))
            .col(text("claim"))
            .to_owned();
        schema.create_table(tracks).await?;

        let events = Table::create()
            .table("carrier_events")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(text("carrier"))
            .col(text("event"))
            .col(uuid("parcel"))
            .col(text("status"))
            .col(text("reason"))
            .col(text("location"))
            .col(text("description"))
            .col(big_integer("occurred"))
            .col(big_integer("received"))
            .to_owned();
        schema.create_table(events).await?;
        schema
            .create_index(index("carrier_events_of", "carrier_events", &["parcel", "occurred"]))
            .await?;
        leave_room(schema, &["shipments", "tracks"]).await
    }
}
