//! The history of payment's tables.

mod append_only;
mod m2026_11_23_tables;
mod m2026_11_24_seals;
mod m2026_11_25_charges;
mod m2026_11_25_documents;
mod m2026_11_25_fees;
mod m2026_11_25_pending;
mod m2026_11_25_wallets;
mod m2026_11_25_wishes;

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
            Box::new(m2026_11_25_pending::Migration),
            Box::new(m2026_11_25_fees::Migration),
            Box::new(m2026_11_25_wishes::Migration),
        ]
    }
}

/// Writes `{7}` as the database's literal of the id 7.
#[cfg(test)]
fn with_ids(text: &str, postgres: bool) -> String {
    (1..40).fold(text.to_owned(), |text, id| {
        let hex = format!("{id:032x}");
        let literal = if postgres { format!("'{hex}'::uuid") } else { format!("x'{hex}'") };
        text.replace(&format!("{{{id}}}"), &literal)
    })
}
