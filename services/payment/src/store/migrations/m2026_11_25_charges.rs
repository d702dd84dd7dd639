//! Intents remember which attempts may still be captured, and which were.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_charges"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let mut alter = Table::alter();
        let column = json_binary("charges").default("[]").to_owned();
        schema.alter_table(alter.table("intents").add_column(column).to_owned()).await?;

        // What was captured is in the ledger; it was the newest attempt, because a new one began only when nothing had come of those before.
        let charges = match schema.get_database_backend() {
            DbBackend::Sqlite => "json_array(json_object('number', attempts, 'begun', updated, 'captured', json('true')))",
            _ => "jsonb_build_array(jsonb_build_object('number', attempts, 'begun', updated, 'captured', true))",
        };
        let captured = format!(
            "UPDATE intents SET charges = {charges}, version = version + 1 WHERE id IN (\
             SELECT reference FROM transfers WHERE code = 'top_up' UNION \
             SELECT e.payment FROM transfers AS t JOIN escrows AS e ON e.id = t.reference JOIN accounts AS a ON a.id = t.debit \
             WHERE t.code = 'purchase' AND a.kind = 'provider')"
        );
        schema.get_connection().execute_unprepared(&captured).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use harness::databases;
    use sea_orm_migration::{
        MigratorTrait,
        sea_orm::{ConnectionTrait, Database, Statement},
    };

    use crate::store::migrations::{Migrator, with_ids};

    const OF_THE_RELEASE_BEFORE: &str = "\
        INSERT INTO accounts VALUES ({1}, 1, {9}, 'provider', 'USD', false, 0, 7, 0, 0, 1), ({2}, 1, {9}, 'wallet', 'USD', true, 0, 7, 0, 9, 1); \
        INSERT INTO transfers VALUES \
            ({11}, 'single', {1}, {2}, 'USD', 7, 'top_up', {21}, 0, 1, 1), ({12}, 'single', {1}, {3}, 'USD', 7, 'purchase', {32}, 0, 1, 1), \
            ({13}, 'single', {2}, {4}, 'USD', 7, 'purchase', {33}, 0, 1, 1); \
        INSERT INTO escrows VALUES ({32}, 1, {9}, {8}, {22}, 'USD', 7, 0, 0, 0, 0), ({33}, 1, {9}, {8}, {23}, 'USD', 7, 0, 0, 0, 0); \
        INSERT INTO intents VALUES \
            ({21}, 1, {9}, NULL, 7, 'USD', '[]', 'succeeded', 1, '', '', 0, 5), ({22}, 1, {9}, NULL, 7, 'USD', '[]', 'succeeded', 3, '', '', 0, 5), \
            ({23}, 1, {9}, NULL, 7, 'USD', '[]', 'succeeded', 2, '', '', 0, 5), ({24}, 1, {9}, NULL, 7, 'USD', '[]', 'processing', 1, '', '', 0, 5)";

    #[tokio::test]
    async fn what_was_captured_before_is_known_by_the_ledger() {
        for database in databases().await {
            let postgres = database.url().starts_with("postgres");
            let may_create = if postgres { "" } else { "?mode=rwc" };
            let db = Database::connect(format!("{}{may_create}", database.url())).await.unwrap();
            Migrator::up(&db, Some(2)).await.unwrap();
            db.execute_unprepared(&with_ids(OF_THE_RELEASE_BEFORE, postgres)).await.unwrap();
            Migrator::up(&db, None).await.unwrap();
            let intents = "SELECT version, CAST(charges AS text) AS charges FROM intents ORDER BY id";
            let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), intents)).await;
            let rows = rows.unwrap().into_iter().map(|row| {
                let charges: String = row.try_get("", "charges").unwrap();
                (row.try_get("", "version").unwrap(), serde_json::from_str(&charges).unwrap())
            });
            let captured = |attempt: u32| serde_json::json!([{"number": attempt, "begun": 5, "captured": true}]);
            let none = || serde_json::json!([]);
            assert_eq!(
                rows.collect::<Vec<(i64, serde_json::Value)>>(),
                [(2, captured(1)), (2, captured(3)), (1, none()), (1, none())]
            );
        }
    }
}
