//! The ledger, intents, escrows, payouts and the sandbox provider's own memory.

use ::store::schema::{aggregate, index};
use sea_orm_migration::{prelude::*, schema::*};

use super::append_only::append_only;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_23_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        ledger(schema).await?;
        let intents = aggregate("intents")
            .col(uuid_null("checkout"))
            .col(big_integer("amount"))
            .col(text("currency"))
            .col(json_binary("orders"))
            .col(text("state"))
            .col(integer("attempts"))
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

        let charges = Table::create()
            .table("sandbox_charges")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(big_integer("amount"))
            .col(text("currency"))
            .col(text("outcome"))
            .to_owned();
        schema.create_table(charges).await
    }
}

async fn ledger(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let accounts = aggregate("accounts")
        .col(text("kind"))
        .col(text("currency"))
        .col(boolean("bounded"))
        .col(big_integer("debits_pending"))
        .col(big_integer("debits_posted"))
        .col(big_integer("credits_pending"))
        .col(big_integer("credits_posted"))
        .col(big_integer("entries"))
        .check(Expr::cust("NOT bounded OR debits_pending + debits_posted <= credits_posted"))
        .check(Expr::cust(
            "debits_pending >= 0 AND debits_posted >= 0 AND credits_pending >= 0 AND credits_posted >= 0",
        ))
        .to_owned();
    schema.create_table(accounts).await?;
    schema.create_index(index("accounts_of_owner", "accounts", &["owner"])).await?;

    let transfers = Table::create()
        .table("transfers")
        .col(uuid("id").primary_key())
        .col(text("mode"))
        .col(uuid("debit"))
        .col(uuid("credit"))
        .col(text("currency"))
        .col(big_integer("amount").check(Expr::cust("amount > 0")))
        .col(text("code"))
        .col(uuid("reference"))
        .col(big_integer("created"))
        .check(Expr::cust("debit <> credit"))
        .to_owned();
    schema.create_table(transfers).await?;

    let entries = Table::create()
        .table("entries")
        .col(uuid("account"))
        .col(big_integer("number"))
        .col(uuid("transfer"))
        .col(big_integer("created"))
        .col(big_integer("change"))
        .col(big_integer("debits_pending"))
        .col(big_integer("debits_posted"))
        .col(big_integer("credits_pending"))
        .col(big_integer("credits_posted"))
        .col(text("code"))
        .col(uuid("reference"))
        .primary_key(Index::create().col("account").col("number"))
        .to_owned();
    schema.create_table(entries).await?;
    append_only(schema, &["transfers", "entries"]).await
}
