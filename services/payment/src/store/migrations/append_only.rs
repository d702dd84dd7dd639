//! Tables whose rows are only ever added.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;

/// Corrections are new transfers: the database itself refuses to change or delete
/// what was written. What somebody does who goes around it, the seals tell.
pub(super) async fn append_only(schema: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    if postgres {
        let refuse = "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
                      $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$";
        db.execute_unprepared(refuse).await?;
    }
    for table in tables {
        for change in ["UPDATE", "DELETE"] {
            let name = format!("{table}_refuse_{}", change.to_lowercase());
            let trigger = if postgres {
                format!("CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
            } else {
                format!("CREATE TRIGGER {name} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")
            };
            db.execute_unprepared(&trigger).await?;
        }
        if postgres {
            let name = format!("{table}_refuse_truncate");
            let trigger = format!("CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()");
            db.execute_unprepared(&trigger).await?;
        }
    }
    Ok(())
}
