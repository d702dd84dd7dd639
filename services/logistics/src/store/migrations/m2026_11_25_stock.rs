//! Warehouses, stock, its ledger, holds and reservations.

use ::store::schema::{aggregate, index, leave_room};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_stock"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let warehouses = aggregate("warehouses")
            .col(text("name"))
            .col(text("address"))
            .col(text("freight"))
            .col(big_integer("created"))
            .col(big_integer("changed"))
            .to_owned();
        schema.create_table(warehouses).await?;
        schema.create_index(index("warehouses_of", "warehouses", &["owner", "id"])).await?;
        schema.create_index(index("warehouses_changed", "warehouses", &["changed"])).await?;

        // Whatever the code does, the database does not promise more than there is.
        let stock = aggregate("stock")
            .col(uuid("variant"))
            .col(text("levels"))
            .col(big_integer("on_hand"))
            .col(big_integer("reserved"))
            .check(Expr::col("reserved").gte(0))
            .check(Expr::col("reserved").lte(Expr::col("on_hand")))
            .to_owned();
        schema.create_table(stock).await?;

        let movements = Table::create()
            .table("movements")
            .col(uuid("stock"))
            .col(uuid("id"))
            .col(uuid("variant"))
            .col(uuid("warehouse"))
            .col(text("kind"))
            .col(big_integer("on_hand_change"))
            .col(big_integer("reserved_change"))
            .col(uuid_null("order_id"))
            .col(text("note"))
            .col(big_integer("time"))
            .primary_key(Index::create().col("stock").col("id"))
            .to_owned();
        schema.create_table(movements).await?;

        let holds = Table::create()
            .table("holds")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(text("state"))
            .col(text("answer"))
            .to_owned();
        schema.create_table(holds).await?;

        let reservations = aggregate("reservations")
            .col(uuid("checkout"))
            .col(uuid("buyer"))
            .col(text("state"))
            .col(uuid_null("shipment"))
            .col(text_null("destination"))
            .col(big_integer_null("freight"))
            .col(text_null("freight_currency"))
            .col(text("lines"))
            .col(text("picks"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(reservations).await?;
        leave_room(schema, &["warehouses", "stock", "holds", "reservations"]).await
    }
}
