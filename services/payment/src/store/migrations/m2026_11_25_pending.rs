//! Pending transfers have a row of their own that tells what became of them, and whoever posts or voids one names it.

use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_pending"
    }
}

/// Before, what posted or voided a pending transfer had the payout in common with it.
const KNOWN: &str = "INSERT INTO pending_transfers (id, version, debit, credit, amount, resolved_by) \
    SELECT p.id, 1, p.debit, p.credit, p.amount, r.id FROM transfers AS p LEFT JOIN transfers AS r \
    ON r.reference = p.reference AND r.debit = p.debit AND r.credit = p.credit AND r.mode IN ('post', 'void') \
    WHERE p.mode = 'pending' ON CONFLICT DO NOTHING";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let mut alter = Table::alter();
        let column = uuid_null("pending_id");
        schema.alter_table(alter.table("transfers").add_column(column).to_owned()).await?;
        let db = schema.get_connection();
        db.execute_unprepared("CREATE UNIQUE INDEX transfers_by_pending ON transfers (pending_id) WHERE pending_id IS NOT NULL")
            .await?;

        let pending = Table::create()
            .table("pending_transfers")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(uuid("debit"))
            .col(uuid("credit"))
            .col(big_integer("amount"))
            .col(uuid_null("resolved_by"))
            .to_owned();
        schema.create_table(pending).await?;
        db.execute_unprepared(KNOWN).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use harness::databases;
    use sea_orm_migration::{
        MigratorTrait,
        sea_orm::{ConnectionTrait, Database, Statement},
    };
    use uuid::Uuid;

    use crate::store::migrations::{Migrator, with_ids};

    /// Three payouts of one wallet: one was paid, one failed, and one waits.
    const OF_THE_RELEASE_BEFORE: &str = "INSERT INTO transfers VALUES \
        ({11}, 'pending', {1}, {2}, 'USD', 7, 'payout', {21}, 0, 1, 1), ({12}, 'pending', {1}, {2}, 'USD', 8, 'payout', {22}, 0, 2, 2), \
        ({13}, 'pending', {1}, {2}, 'USD', 9, 'payout', {23}, 0, 3, 3), ({14}, 'post', {1}, {2}, 'USD', 7, 'payout', {21}, 0, 4, 4), \
        ({15}, 'void', {1}, {2}, 'USD', 8, 'payout', {22}, 0, 5, 5), ({16}, 'single', {3}, {1}, 'USD', 9, 'top_up', {23}, 0, 6, 6)";

    #[tokio::test]
    async fn what_became_of_pending_transfers_before_is_known_by_their_payouts() {
        for database in databases().await {
            let postgres = database.url().starts_with("postgres");
            let may_create = if postgres { "" } else { "?mode=rwc" };
            let db = Database::connect(format!("{}{may_create}", database.url())).await.unwrap();
            Migrator::up(&db, Some(4)).await.unwrap();
            db.execute_unprepared(&with_ids(OF_THE_RELEASE_BEFORE, postgres)).await.unwrap();
            Migrator::up(&db, None).await.unwrap();
            let pending = "SELECT id, amount, resolved_by FROM pending_transfers ORDER BY id";
            let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), pending)).await;
            let rows = rows.unwrap().into_iter().map(|row| {
                let resolved_by: Option<Uuid> = row.try_get("", "resolved_by").unwrap();
                let id: Uuid = row.try_get("", "id").unwrap();
                (id.as_u128(), row.try_get("", "amount").unwrap(), resolved_by.map(|id| id.as_u128()))
            });
            assert_eq!(
                rows.collect::<Vec<(u128, i64, Option<u128>)>>(),
                [(11, 7, Some(14)), (12, 8, Some(15)), (13, 9, None)]
            );
        }
    }
}
