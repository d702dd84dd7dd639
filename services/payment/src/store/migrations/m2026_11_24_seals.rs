//! Seals over the ledger, and what finding a transfer's entries and its place in time needs.

use ::store::schema::index;
use sea_orm_migration::{prelude::*, schema::*};

use super::append_only::append_only;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_24_seals"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // With defaults, because the release before does not know these columns; one by one, because SQLite adds no two at once.
        for column in ["debit_number", "credit_number"] {
            let mut alter = Table::alter();
            let column = big_integer(column).default(0).to_owned();
            schema.alter_table(alter.table("transfers").add_column(column).to_owned()).await?;
        }
        schema.create_index(index("transfers_in_time", "transfers", &["created"])).await?;

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
        append_only(schema, &["seals"]).await
    }
}
