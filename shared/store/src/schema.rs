//! What the migrations have in common. Those that were released call it, so what it answers stays as it is.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{
    SchemaManager,
    prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement},
    schema::{big_integer, uuid},
};

/// A table for aggregates: id, version and owner, to which the service adds its own columns.
pub fn aggregate(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(uuid("owner"))
        .to_owned()
}

/// An index by these columns. Ids of one kind sort by the time of their making, so an index that ends with the id serves lists by age.
pub fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

/// Adds columns to a table, one after the other, because SQLite takes no more at a
/// time. Each has a default, or may be null, for the rows that are there.
///
/// # Errors
/// A database that refuses.
pub async fn add_columns(
    schema: &SchemaManager<'_>,
    table: &'static str,
    columns: impl IntoIterator<Item = &mut ColumnDef>,
) -> Result<(), DbErr> {
    for column in columns {
        schema
            .alter_table(Table::alter().table(table).add_column(column).to_owned())
            .await?;
    }
    Ok(())
}

/// Leaves room in the pages of tables on PostgreSQL, so that a row that changes soon after
/// it was added stays in its page, and its indexes need not hear of it.
///
/// # Errors
/// A database that refuses.
pub async fn leave_room(schema: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        for table in tables {
            db.execute_unprepared(&format!("ALTER TABLE {table} SET (fillfactor = 60)")).await?;
        }
    }
    Ok(())
}
