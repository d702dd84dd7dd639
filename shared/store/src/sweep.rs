//! Forgetting what is old: published events first, causes well after them, so that a replayed event is always known.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::Store;

/// How long events are kept once they are published: so far back can a stream that lost them have them again.
pub const KEEP_EVENTS: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How long a cause is known.
const KEEP_CAUSES: Duration = Duration::from_secs(30 * 24 * 3_600);

/// How many rows one statement deletes, so that nobody waits long.
const CHUNK: u32 = 5_000;

impl Store {
    /// Deletes published events and causes that are past their time; how many rows went.
    pub async fn sweep(&self) -> Result<u64, DbErr> {
        let now = self.clock().now();
        let events = format!("published IS NOT NULL AND created < {}", now.minus(KEEP_EVENTS).micros());
        let causes = format!("created < {}", now.minus(KEEP_CAUSES).micros());
        Ok(self.delete("outbox", &events).await? + self.delete("causes", &causes).await?)
    }

    async fn delete(&self, table: &str, condition: &str) -> Result<u64, DbErr> {
        let db = self.writer();
        let text = format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {condition} LIMIT {CHUNK})");
        let mut gone = 0;
        loop {
            let deleted = db
                .execute_raw(Statement::from_string(db.get_database_backend(), text.clone()))
                .await?
                .rows_affected();
            gone += deleted;
            if deleted < u64::from(CHUNK) {
                return Ok(gone);
            }
        }
    }
}
