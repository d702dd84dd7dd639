//! The ledger: accounts, transfers with their entries, pending transfers, and the seals over them.

use ::store::schema::{aggregate, index};
use sea_orm_migration::{prelude::*, schema::*};

use super::append_only::append_only;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
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
        // An owner's few wallets among the escrows of all their orders, and the few accounts that fees come in on.
        let db = schema.get_connection();
        db.execute_unprepared("CREATE INDEX wallets_of_owner ON accounts (owner) WHERE kind = 'wallet'")
            .await?;
        db.execute_unprepared("CREATE INDEX accounts_of_fees ON accounts (id) WHERE kind = 'fees'")
            .await?;

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
            .col(big_integer("debit_number"))
            .col(big_integer("credit_number"))
            .col(uuid_null("pending_id"))
            .check(Expr::cust("debit <> credit"))
            .to_owned();
        schema.create_table(transfers).await?;
        schema.create_index(index("transfers_in_time", "transfers", &["created"])).await?;
        db.execute_unprepared("CREATE UNIQUE INDEX transfers_by_pending ON transfers (pending_id) WHERE pending_id IS NOT NULL")
            .await?;

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

        let pending = Table::create()
            .table("pending_transfers")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(uuid("debit"))
            .col(uuid("credit"))
            .col(big_integer("amount"))
            .col(uuid_null("resolved_by"))
            .to_owned();
        schema.create_table(pending).await?;

        let seals = Table::create()
            .table("seals")
            .col(big_integer("number").primary_key())
            .col(blob("previous"))
            .col(blob("hash"))
            .col(blob("members"))
            .col(big_integer("first_created"))
            .col(big_integer("last_created"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(seals).await?;
        schema.create_index(index("seals_in_time", "seals", &["last_created"])).await?;

        let chains = Table::create()
            .table("chains")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(big_integer("number"))
            .col(blob("hash"))
            .col(big_integer("sealed_created"))
            .col(uuid("sealed_transfer"))
            .col(big_integer("swept_created"))
            .col(uuid("swept_transfer"))
            .to_owned();
        schema.create_table(chains).await?;
        append_only(schema, &["transfers", "entries", "seals"]).await
    }
}
