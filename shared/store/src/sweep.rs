//! Forgetting what is old: published events first, causes well after them,
//! so that a replayed event is always known; and what a service says.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::Store;

/// How long events are kept once they are published: so far back can a stream that lost them have them again.
pub const KEEP_EVENTS: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How long a cause is known.
const KEEP_CAUSES: Duration = Duration::from_secs(30 * 24 * 3_600);

/// How many rows one statement deletes, so that nobody waits long.
const CHUNK: u32 = 5_000;

/// A table of which rows go some time after the moment that a column of theirs tells.
#[derive(Clone, Copy)]
pub(crate) struct Forgotten {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) keep: Duration,
}

impl Store {
    /// Deletes published events, causes and whatever else is past its time; how many rows went.
    pub async fn sweep(&self) -> Result<u64, DbErr> {
        let now = self.clock().now();
        let (events, causes) = (now.minus(KEEP_EVENTS).micros(), now.minus(KEEP_CAUSES).micros());
        // Ids of events are in the order of their time; so are SQLite's row numbers, and PostgreSQL has an index.
        let oldest = |table: &str, order: &str| format!("SELECT * FROM {table} ORDER BY {order} LIMIT {CHUNK}");
        let events = format!(
            "SELECT id FROM ({}) AS oldest WHERE published IS NOT NULL AND created < {events}",
            oldest("outbox", "id")
        );
        let causes = match self.writer().get_database_backend() {
            DbBackend::Postgres => format!("SELECT id FROM causes WHERE created < {causes} LIMIT {CHUNK}"),
            _ => format!("SELECT id FROM ({}) WHERE created < {causes}", oldest("causes", "rowid")),
        };
        let mut gone = self.delete("outbox", &events).await? + self.delete("causes", &causes).await?;
        for Forgotten { table, column, keep } in &self.inner.forgotten {
            let until = now.minus(*keep).micros();
            let found = format!("SELECT id FROM {table} WHERE {column} < {until} LIMIT {CHUNK}");
            gone += self.delete(table, &found).await?;
        }
        Ok(gone)
    }

    /// Deletes what a query finds, until it finds nothing.
    async fn delete(&self, table: &str, found: &str) -> Result<u64, DbErr> {
        let db = self.writer();
        let text = format!("DELETE FROM {table} WHERE id IN ({found})");
        let mut gone = 0;
        loop {
            let deleted = db
                .execute_raw(Statement::from_string(db.get_database_backend(), text.clone()))
                .await?
                .rows_affected();
            gone += deleted;
            if deleted == 0 {
                return Ok(gone);
            }
        }
    }
}
