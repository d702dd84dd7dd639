//! The history of identity's tables.

mod m2026_11_25_tables;
mod m2026_11_26_secrets;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m2026_11_25_tables::Migration), Box::new(m2026_11_26_secrets::Migration)]
    }
}
