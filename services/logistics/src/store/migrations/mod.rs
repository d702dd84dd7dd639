//! The history of the tables of logistics.

mod m2026_11_23_shipments;
mod m2026_11_23_stock;
mod m2026_11_25_documents;
mod m2026_11_25_ordered;
mod m2026_11_25_statuses;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_23_stock::Migration),
            Box::new(m2026_11_23_shipments::Migration),
            Box::new(m2026_11_25_ordered::Migration),
            Box::new(m2026_11_25_documents::Migration),
            Box::new(m2026_11_25_statuses::Migration),
        ]
    }
}
