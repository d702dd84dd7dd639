//! What the relay reads, leases and marks.

use std::collections::HashSet;

use kernel::Time;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::{Store, batch::begin};

/// Aggregates are spread over this many shards; one relay publishes a shard at a time, so that the order of each aggregate holds.
pub const SHARDS: i16 = 16;

/// An event on its way to the stream.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct OutboxRow {
    /// The event's id, a version 7 UUID.
    pub id: Uuid,
    /// Such as `order.v1.paid`.
    pub subject: String,
    /// Whom it happened to.
    pub aggregate: Uuid,
    /// The aggregate's version after it.
    pub version: i64,
    /// TypeIDs of the organisations that it concerns, separated by commas.
    pub owners: String,
    /// W3C trace context of whoever caused it; may be empty.
    pub traceparent: String,
    /// The encoded protobuf message.
    pub body: Vec<u8>,
    /// When it happened, in microseconds.
    pub created: i64,
}

const COLUMNS: &str = "id, subject, aggregate, version, owners, traceparent, body, created";

/// The outbox of one store.
#[derive(Clone)]
pub struct Outbox {
    store: Store,
}

impl Outbox {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Waits for the next commit that added an event.
    pub async fn committed(&self) {
        self.store.wakers().outbox.notified().await;
    }

    /// Marks what the stream has by now, and answers with the oldest events of these shards that are
    /// not published; those of one aggregate in the order of its versions.
    ///
    /// A database that breaks down may forget the last marks. Those events are published once more then, and known.
    pub async fn next(&self, published: &[Uuid], at: Time, shards: &[i16], limit: u32) -> Result<Vec<OutboxRow>, DbErr> {
        let mine = if shards.len() < SHARDS as usize {
            let shards: Vec<String> = shards.iter().map(i16::to_string).collect();
            format!("AND shard IN ({})", shards.join(", "))
        } else {
            String::new()
        };
        let _step = self.store.step();
        let select = format!("SELECT {COLUMNS} FROM outbox WHERE published IS NULL {mine}");
        let order = format!("ORDER BY created, id LIMIT {limit}");
        let (relay, reader) = (self.store.relay(), self.store.db());
        let found = match (relay.get_database_backend(), published) {
            (DbBackend::Postgres, []) => {
                relay
                    .query_all_raw(Statement::from_string(DbBackend::Postgres, format!("{select} {order}")))
                    .await?
            }
            (DbBackend::Postgres, published) => {
                let mark = "UPDATE outbox SET published = $1 WHERE id = ANY($2)";
                let text = format!("WITH marked AS ({mark}) {select} AND id <> ALL($2) {order}");
                let values = [at.micros().into(), crate::bulk::uuids(published)];
                relay
                    .query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, values))
                    .await?
            }
            (sqlite, published) => {
                if !published.is_empty() {
                    let places = vec!["?"; published.len()].join(", ");
                    let text = format!("UPDATE outbox SET published = ? WHERE id IN ({places})");
                    let values = std::iter::once(Value::from(at.micros())).chain(published.iter().map(|id| Value::from(*id)));
                    relay.execute_raw(Statement::from_sql_and_values(sqlite, text, values)).await?;
                }
                reader
                    .query_all_raw(Statement::from_string(sqlite, format!("{select} {order}")))
                    .await?
            }
        };
        let mut rows = found
            .iter()
            .map(|row| OutboxRow::from_query_result(row, ""))
            .collect::<Result<Vec<_>, _>>()?;
        in_order_of_versions(&mut rows);
        Ok(rows)
    }

    /// These events, as far as they are still kept; those of one aggregate in the order of its versions.
    pub async fn rows(&self, ids: &[Uuid]) -> Result<Vec<OutboxRow>, DbErr> {
        let db = self.store.db();
        let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
        let text = format!("SELECT {COLUMNS} FROM outbox WHERE id IN ({}) ORDER BY id", places.join(", "));
        let values = ids.iter().map(|id| Value::from(*id));
        let found = db
            .query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values))
            .await?;
        let rows = found.iter().map(|row| OutboxRow::from_query_result(row, ""));
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        in_order_of_versions(&mut rows);
        Ok(rows)
    }

    /// How many events wait.
    pub async fn backlog(&self) -> Result<u64, DbErr> {
        let db = self.store.db();
        let text = "SELECT count(*) AS waiting FROM outbox WHERE published IS NULL";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), text)).await?;
        row.map_or(Ok(0), |row| row.try_get::<i64>("", "waiting").map(|waiting| waiting.unsigned_abs()))
    }

    /// When the oldest event that waits happened; nothing when none does.
    pub async fn oldest(&self) -> Result<Option<Time>, DbErr> {
        let db = self.store.db();
        let text = "SELECT min(created) AS oldest FROM outbox WHERE published IS NULL";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), text)).await?;
        let oldest: Option<i64> = row.map_or(Ok(None), |row| row.try_get("", "oldest"))?;
        Ok(oldest.map(Time::from_micros))
    }

    /// Marks every event that is still kept and not older than `since` as
    /// unpublished: the stream lost them. Consumers know those that they had.
    pub async fn republish(&self, since: Time) -> Result<u64, DbErr> {
        let db = self.store.writer();
        let text = format!(
            "UPDATE outbox SET published = NULL WHERE published IS NOT NULL AND created >= {}",
            since.micros()
        );
        let republished = db
            .execute_raw(Statement::from_string(db.get_database_backend(), text))
            .await?
            .rows_affected();
        self.store.wakers().outbox.notify_one();
        Ok(republished)
    }

    /// Leases shards until `until`: keeps what this holder has, takes what is free or expired, and gives back what is more than its fair
    /// share among the holders that are alive. Answers with the shards held.
    ///
    /// Who finds nothing to take stands in line: it leases a number below zero,
    /// which is no shard, so that the others count it and give up its share.
    pub async fn lease(&self, holder: &str, now: Time, until: Time) -> Result<Vec<i16>, DbErr> {
        let _step = self.store.step();
        let tx = begin(self.store.writer()).await?;
        let backend = tx.get_database_backend();
        // Replicas take turns; there are sixteen rows, and one for each replica in line.
        if backend == DbBackend::Postgres {
            tx.execute_unprepared("LOCK TABLE relay_leases IN EXCLUSIVE MODE").await?;
        }
        let text = format!("SELECT shard, holder FROM relay_leases WHERE expires > {}", now.micros());
        let mut held = Vec::new();
        let mut taken = HashSet::new();
        let mut holders = HashSet::from([holder.to_owned()]);
        for row in tx.query_all_raw(Statement::from_string(backend, text)).await? {
            let (shard, by): (i16, String) = (row.try_get("", "shard")?, row.try_get("", "holder")?);
            if by != holder {
                taken.insert(shard);
            } else if shard >= 0 {
                held.push(shard);
            }
            holders.insert(by);
        }
        let fair = (SHARDS as usize).div_ceil(holders.len());
        let free = (0..SHARDS).filter(|shard| !taken.contains(shard) && !held.contains(shard));
        let more: Vec<i16> = free.take(fair.saturating_sub(held.len())).collect();
        held.extend(more);
        held.truncate(fair);
        let in_line = (1..).map(|place: i16| -place).find(|place| !taken.contains(place));
        let leased: Vec<i16> = if held.is_empty() {
            in_line.into_iter().collect()
        } else {
            held.clone()
        };

        let text = "DELETE FROM relay_leases WHERE holder = $1";
        tx.execute_raw(Statement::from_sql_and_values(backend, text, [holder.into()]))
            .await?;
        let rows: Vec<String> = leased.iter().map(|shard| format!("({shard}, $1, $2)")).collect();
        let text = format!(
            "INSERT INTO relay_leases (shard, holder, expires) VALUES {} \
             ON CONFLICT (shard) DO UPDATE SET holder = excluded.holder, expires = excluded.expires",
            rows.join(", ")
        );
        let values = [holder.into(), until.micros().into()];
        tx.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Gives back every shard that this holder leases.
    pub async fn give_back(&self, holder: &str) -> Result<(), DbErr> {
        let db = self.store.writer();
        let text = "DELETE FROM relay_leases WHERE holder = $1";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), text, [holder.into()]);
        db.execute_raw(statement).await.map(drop)
    }

    /// The stream as it was when events were last published to it: its creation time and last sequence.
    pub async fn stream(&self, name: &str) -> Result<Option<(i64, i64)>, DbErr> {
        let db = self.store.db();
        let text = "SELECT created, last_sequence FROM relay_stream WHERE name = $1";
        let row = db
            .query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), text, [name.into()]))
            .await?;
        row.map(|row| Ok((row.try_get("", "created")?, row.try_get("", "last_sequence")?)))
            .transpose()
    }

    /// Remembers the stream.
    pub async fn remember_stream(&self, name: &str, created: i64, last_sequence: i64) -> Result<(), DbErr> {
        let db = self.store.writer();
        let text = "INSERT INTO relay_stream (name, created, last_sequence) VALUES ($1, $2, $3) \
                    ON CONFLICT (name) DO UPDATE SET created = excluded.created, last_sequence = excluded.last_sequence";
        let values = [name.into(), created.into(), last_sequence.into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values))
            .await
            .map(drop)
    }
}

/// Clocks of replicas differ, so ids alone do not order the events of one
/// aggregate: its events trade places among themselves until their versions rise.
fn in_order_of_versions(rows: &mut [OutboxRow]) {
    let mut places: std::collections::HashMap<Uuid, Vec<usize>> = std::collections::HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        places.entry(row.aggregate).or_default().push(place);
    }
    for places in places.values().filter(|places| places.len() > 1) {
        let mut events: Vec<OutboxRow> = places.iter().map(|&place| rows[place].clone()).collect();
        events.sort_by_key(|event| event.version);
        for (&place, event) in places.iter().zip(events) {
            rows[place] = event;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aggregates_events_follow_its_versions() {
        let row = |id: u128, aggregate: u128, version| OutboxRow {
            id: Uuid::from_u128(id),
            subject: String::new(),
            aggregate: Uuid::from_u128(aggregate),
            version,
            owners: String::new(),
            traceparent: String::new(),
            body: Vec::new(),
            created: 0,
        };
        let mut rows = vec![row(1, 7, 2), row(2, 8, 1), row(3, 7, 1)];
        in_order_of_versions(&mut rows);
        assert_eq!(rows, [row(3, 7, 1), row(2, 8, 1), row(1, 7, 2)]);
    }
}
