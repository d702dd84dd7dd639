//! Messages that kept failing, and those of the same aggregate that wait behind them.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use crate::{Cause, Store, batch::begin, rows::dead_letters, writes::Writes};

/// A message as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The event's id.
    pub event: Uuid,
    /// Such as `order.v1.paid`.
    pub subject: String,
    /// Whom it happened to.
    pub aggregate: Uuid,
    /// The aggregate's version after it.
    pub version: i64,
    /// TypeIDs of the organisations that it concerns, separated by commas.
    pub owners: String,
    /// W3C trace context; may be empty.
    pub traceparent: String,
    /// When it happened, in microseconds.
    pub occurred: i64,
    /// The encoded protobuf message.
    pub body: Vec<u8>,
}

/// A letter that was put away, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// The message.
    pub letter: Letter,
    /// What went wrong; empty for one that only waits behind another of its aggregate.
    pub error: String,
    /// When it was put away, in microseconds.
    pub created: i64,
}

/// The dead letters of one consumer.
#[derive(Clone)]
pub struct DeadLetters {
    store: Store,
    consumer: &'static str,
}

impl DeadLetters {
    pub(crate) fn new(store: Store, consumer: &'static str) -> Self {
        Self { store, consumer }
    }

    /// Puts a message away. Doing it again changes nothing.
    pub async fn put(&self, letter: Letter, error: &str) -> Result<(), DbErr> {
        let created = self.store.clock().now().micros();
        let id = Cause::event(self.consumer, letter.event).id();
        let row = dead_letters::Model {
            id,
            consumer: self.consumer.to_owned(),
            event: letter.event,
            subject: letter.subject,
            aggregate: letter.aggregate,
            version: letter.version,
            owners: letter.owners,
            traceparent: letter.traceparent,
            occurred: letter.occurred,
            body: letter.body,
            error: error.to_owned(),
            created,
        };
        let tx = begin(self.store.writer()).await?;
        if dead_letters::Entity::find_by_id(id).one(&tx).await?.is_none() {
            let mut writes = Writes::new(tx.get_database_backend());
            writes.insert::<dead_letters::Entity>(&[row]);
            writes.carry_out(&tx).await?;
        }
        tx.commit().await
    }

    /// Whether a message of this aggregate was put away, so that later ones must wait.
    pub async fn holds(&self, aggregate: Uuid) -> Result<bool, DbErr> {
        let of_aggregate = dead_letters::Entity::find()
            .filter(dead_letters::Column::Consumer.eq(self.consumer))
            .filter(dead_letters::Column::Aggregate.eq(aggregate));
        Ok(of_aggregate.limit(1).one(self.store.db()).await?.is_some())
    }

    /// How many there are.
    pub async fn count(&self) -> Result<u64, DbErr> {
        dead_letters::Entity::find()
            .filter(dead_letters::Column::Consumer.eq(self.consumer))
            .count(self.store.db())
            .await
    }

    /// The oldest ones first, those of an aggregate in the order in which they happened.
    pub async fn list(&self, limit: u64) -> Result<Vec<DeadLetter>, DbErr> {
        let rows = dead_letters::Entity::find()
            .filter(dead_letters::Column::Consumer.eq(self.consumer))
            .order_by_asc(dead_letters::Column::Event)
            .limit(limit)
            .all(self.store.db())
            .await?;
        Ok(rows.into_iter().map(present).collect())
    }

    /// Takes a message out: it was digested at last, or is given up.
    pub async fn remove(&self, event: Uuid) -> Result<(), DbErr> {
        let db = self.store.writer();
        let id = Cause::event(self.consumer, event).id();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), "DELETE FROM dead_letters WHERE id = $1", [id.into()]);
        db.execute_raw(statement).await.map(drop)
    }
}

fn present(row: dead_letters::Model) -> DeadLetter {
    DeadLetter {
        letter: Letter {
            event: row.event,
            subject: row.subject,
            aggregate: row.aggregate,
            version: row.version,
            owners: row.owners,
            traceparent: row.traceparent,
            occurred: row.occurred,
            body: row.body,
        },
        error: row.error,
        created: row.created,
    }
}
