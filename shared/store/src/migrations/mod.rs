//! The store's own tables. They have a history of their own, beside that of the service.

mod m2026_11_25_tables;

use sea_orm::{DynIden, sea_query::IntoIden};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m2026_11_25_tables::Migration)]
    }

    fn migration_table_name() -> DynIden {
        "store_migrations".into_iden()
    }
}
