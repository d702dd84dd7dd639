//! The history of payment's tables.

mod append_only;
mod m2026_11_25_ledger;
mod m2026_11_25_payments;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m2026_11_25_ledger::Migration), Box::new(m2026_11_25_payments::Migration)]
    }
}
