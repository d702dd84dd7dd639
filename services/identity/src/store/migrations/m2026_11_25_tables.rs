//! Accounts, organisations, memberships, sessions and signing keys.

use ::store::schema::{aggregate, index};
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
        let accounts = aggregate("accounts")
            .col(text("email").unique_key())
            .col(text("password_hash"))
            .col(integer("passwords"))
            .col(text("display_name"))
            .col(text("country"))
            .col(big_integer("created"))
            .col(integer("failed_sign_ins"))
            .col(big_integer("closed_until"))
            .to_owned();
        schema.create_table(accounts).await?;

        let organisations = aggregate("organisations")
            .col(text("name"))
            .col(text("country"))
            .col(boolean("personal"))
            .col(integer("owners").check(Expr::col("owners").gte(1)))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(organisations).await?;

        let memberships = aggregate("memberships")
            .col(uuid("account"))
            .col(text("role"))
            .col(boolean("active"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(memberships).await?;
        schema
            .create_index(index("memberships_of_account", "memberships", &["account"]))
            .await?;
        schema
            .create_index(index("memberships_of_owner", "memberships", &["owner", "id"]))
            .await?;

        let sessions = aggregate("sessions")
            .col(uuid("account"))
            .col(blob("token"))
            .col(integer("passwords"))
            .col(big_integer("expires"))
            .col(boolean("ended"))
            .to_owned();
        schema.create_table(sessions).await?;
        schema.create_index(index("sessions_by_expiry", "sessions", &["expires"])).await?;

        // Wrong passwords for addresses that have no account.
        let tallies = Table::create()
            .table("tallies")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(big_integer("tries"))
            .to_owned();
        schema.create_table(tallies).await?;

        let keys = Table::create()
            .table("signing_keys")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(big_integer("period").unique_key())
            .col(blob("sealed"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(keys).await
    }
}
