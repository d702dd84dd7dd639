//! When the order of a shipment was made, which says what carriers reported of other parcels of the same number.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_ordered"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// The release before does not know the column: what it adds meanwhile was ordered at the beginning of time, so that every report is about it.
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let mut alter = Table::alter();
        let column = big_integer("ordered").default(0).to_owned();
        schema.alter_table(alter.table("shipments").add_column(column).to_owned()).await?;
        let known = "UPDATE shipments SET version = version + 1, \
                     ordered = COALESCE((SELECT created FROM reservations WHERE reservations.id = shipments.order_id), 0)";
        schema.get_connection().execute_unprepared(known).await?;
        Ok(())
    }
}
