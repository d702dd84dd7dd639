//! The history of identity's tables.

mod m2026_11_23_tables;
mod m2026_11_25_passwords;
mod m2026_11_25_tallies;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_23_tables::Migration),
            Box::new(m2026_11_25_passwords::Migration),
            Box::new(m2026_11_25_tallies::Migration),
        ]
    }
}
