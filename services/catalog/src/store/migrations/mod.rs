//! The history of the catalog's tables.

mod m2026_11_25_categories;
mod m2026_11_25_imports;
mod m2026_11_25_listings;
mod m2026_11_25_reviews;
mod m2026_11_26_claims;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_25_listings::Migration),
            Box::new(m2026_11_25_categories::Migration),
            Box::new(m2026_11_25_reviews::Migration),
            Box::new(m2026_11_25_imports::Migration),
            Box::new(m2026_11_26_claims::Migration),
        ]
    }
}
