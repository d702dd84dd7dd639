//! The history of payment's tables.

mod append_only;
mod m2026_11_23_tables;
mod m2026_11_24_seals;
mod m2026_11_25_charges;
mod m2026_11_25_documents;
mod m2026_11_25_wallets;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_23_tables::Migration),
            Box::new(m2026_11_24_seals::Migration),
            Box::new(m2026_11_25_charges::Migration),
            Box::new(m2026_11_25_wallets::Migration),
            Box::new(m2026_11_25_documents::Migration),
        ]
    }
}
