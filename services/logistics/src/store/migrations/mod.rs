//! The history of the tables of logistics.

mod m2026_11_25_shipments;
mod m2026_11_25_stock;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m2026_11_25_stock::Migration), Box::new(m2026_11_25_shipments::Migration)]
    }
}
