//! Carts, quotations, checkouts and orders.

use ::store::schema::{aggregate, index, leave_room};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(aggregate("carts").col(text("lines")).to_owned()).await?;

        let quotations = aggregate("quotations")
            .col(uuid("buyer"))
            .col(text("state"))
            .col(uuid_null("checkout"))
            .col(text("lines"))
            .col(big_integer("freight").check(Expr::col("freight").gte(0)))
            .col(big_integer("total").check(Expr::col("total").gte(0)))
            .col(text("currency"))
            .col(big_integer("expires"))
            .col(text("note"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(quotations).await?;
        schema
            .create_index(index("quotations_given", "quotations", &["owner", "id"]))
            .await?;
        schema
            .create_index(index("quotations_received", "quotations", &["buyer", "id"]))
            .await?;

        let checkouts = aggregate("checkouts")
            .col(uuid("payment"))
            .col(text("currency"))
            .col(text("quotations"))
            .col(big_integer("payment_deadline"))
            .col(big_integer("created"))
            .col(text("progress"))
            .to_owned();
        schema.create_table(checkouts).await?;

        let orders = aggregate("orders")
            .col(uuid("seller"))
            .col(uuid("checkout"))
            .col(uuid("payment"))
            .col(uuid_null("quotation"))
            .col(text("state"))
            .col(big_integer_null("accept_by"))
            .col(boolean("refunded"))
            .col(text("lines"))
            .col(big_integer("freight").check(Expr::col("freight").gte(0)))
            .col(big_integer("total").check(Expr::col("total").gte(0)))
            .col(big_integer("fee").check(Expr::col("fee").gte(0)))
            .col(text("currency"))
            .col(text("ship_to"))
            .col(big_integer("payment_deadline"))
            .col(big_integer("payment_window"))
            .col(big_integer("inspection_window"))
            .col(big_integer("shipped_window"))
            .col(big_integer_null("paid"))
            .col(text_null("cancel_code"))
            .col(text("cancel_note"))
            .col(text("timeline"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(orders).await?;
        schema.create_index(index("orders_bought", "orders", &["owner", "id"])).await?;
        schema.create_index(index("orders_sold", "orders", &["seller", "id"])).await?;
        leave_room(schema, &["carts", "quotations", "checkouts", "orders"]).await
    }
}
