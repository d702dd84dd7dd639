//! How often an account's password was replaced, and which of them a session began with. Sessions are found by when they expire.

use ::store::schema::index;
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_passwords"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in ["accounts", "sessions"] {
            let mut alter = Table::alter();
            let column = integer("passwords").default(0).to_owned();
            schema.alter_table(alter.table(table).add_column(column).to_owned()).await?;
        }
        schema.create_index(index("sessions_by_expiry", "sessions", &["expires"])).await
    }
}
