//! Intents, escrows, payouts and the sandbox provider's own memory.

use ::store::schema::{aggregate, index, leave_room};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_payments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let intents = aggregate("intents")
            .col(uuid_null("checkout"))
            .col(big_integer("amount"))
            .col(text("currency"))
            .col(text("orders"))
            .col(text("state"))
            .col(integer("attempts"))
            .col(text("charges"))
            .col(text("decline_reason"))
            .col(text("action_url"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(intents).await?;
        schema.create_index(index("intents_of_owner", "intents", &["owner", "id"])).await?;

        let escrows = aggregate("escrows")
            .col(uuid("seller"))
            .col(uuid("payment"))
            .col(text("currency"))
            .col(big_integer("funded"))
            .col(big_integer("released"))
            .col(big_integer("refunded"))
            .col(big_integer("fee"))
            .col(big_integer("created"))
            .check(Expr::cust("released >= 0 AND refunded >= 0 AND released + refunded <= funded"))
            .to_owned();
        schema.create_table(escrows).await?;

        let payouts = aggregate("payouts")
            .col(big_integer("amount"))
            .col(text("currency"))
            .col(text("bank_account_token"))
            .col(text("state"))
            .col(text("failure_reason"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .to_owned();
        schema.create_table(payouts).await?;
        schema.create_index(index("payouts_of_owner", "payouts", &["owner", "id"])).await?;

        // What order told of an escrow before the escrow was there.
        let instructions = Table::create()
            .table("instructions")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(text("ending"))
            .col(boolean("carried_out"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(instructions).await?;

        let charges = Table::create()
            .table("sandbox_charges")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(big_integer("amount"))
            .col(text("currency"))
            .col(text("outcome"))
            .to_owned();
        schema.create_table(charges).await?;
        leave_room(schema, &["intents"]).await
    }
}
