//! The history of the catalog's tables.

mod m2026_11_23_categories;
mod m2026_11_23_imports;
mod m2026_11_23_listings;
mod m2026_11_23_reputations;
mod m2026_11_23_reviews;
mod m2026_11_25_documents;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_23_listings::Migration),
            Box::new(m2026_11_23_categories::Migration),
            Box::new(m2026_11_23_reviews::Migration),
            Box::new(m2026_11_23_imports::Migration),
            Box::new(m2026_11_23_reputations::Migration),
            Box::new(m2026_11_25_documents::Migration),
        ]
    }
}
