//! Messages that kept failing, and those of the same aggregate that wait behind them.

mod desk;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;

pub use self::desk::{Desk, Listed, Purged};
use crate::{Cause, Store, batch::begin, rows::dead_letters};

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
    /// What went wrong the last time; empty for one that only waits behind another of its aggregate.
    pub error: String,
    /// When it was put away, in microseconds.
    pub created: i64,
    /// How often it was tried; 0 for one that only waits.
    pub tries: u32,
    /// When it was tried the last time, in microseconds; 0 for one that only waits.
    pub tried: i64,
}

/// The dead letters of one consumer.
#[derive(Clone)]
pub struct DeadLetters {
    store: Store,
    consumer: &'static str,
}

/// What a queue is ordered by: replicas that fail with different events of one aggregate put them away in whatever order.
const QUEUE: [dead_letters::Column; 3] = [
    dead_letters::Column::Version,
    dead_letters::Column::Created,
    dead_letters::Column::Event,
];

impl DeadLetters {
    pub(crate) fn new(store: Store, consumer: &'static str) -> Self {
        Self { store, consumer }
    }

    /// Puts a message away that failed so many times. Doing it again changes nothing, and one that was given up stays given up.
    pub async fn put(&self, letter: Letter, error: &str, tries: u32) -> Result<(), DbErr> {
        let _step = self.store.step();
        let tx = begin(self.store.writer()).await?;
        self.insert(&tx, letter, error, tries).await?;
        tx.commit().await
    }

    /// Puts a message away behind those of its aggregate. False when there are none any more: then it need not wait.
    pub async fn put_behind(&self, letter: Letter) -> Result<bool, DbErr> {
        let _step = self.store.step();
        let tx = begin(self.store.writer()).await?;
        // The last of the queue, locked: whoever takes it out does so before, and we see it, or after, and sees ours.
        let queue = dead_letters::Entity::find().filter(self.of(letter.aggregate));
        let last = QUEUE.into_iter().fold(queue, |queue, column| queue.order_by_desc(column));
        let mut before = last.limit(1);
        if tx.get_database_backend() == DbBackend::Postgres {
            before = before.lock_exclusive();
        }
        let waits = before.one(&tx).await?.is_some();
        if waits {
            self.insert(&tx, letter, "", 0).await?;
        }
        tx.commit().await?;
        Ok(waits)
    }

    async fn insert(&self, tx: &DatabaseTransaction, letter: Letter, error: &str, tries: u32) -> Result<(), DbErr> {
        let now = self.store.clock().now().micros();
        let id = self.id(letter.event);
        let known = dead_letters::Entity::find_by_id(id).one(tx).await?.is_some();
        if known || !desk::purged(tx, "WHERE id = $1", [id.into()]).await?.is_empty() {
            return Ok(());
        }
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
            created: now,
            tries: i32::try_from(tries).unwrap_or(i32::MAX),
            tried: if tries == 0 { 0 } else { now },
        };
        let inserting = dead_letters::Entity::insert(row.into_active_model());
        inserting.exec_without_returning(tx).await.map(drop)
    }

    /// Whether a message of this aggregate was put away, so that later ones must wait.
    pub async fn holds(&self, aggregate: Uuid) -> Result<bool, DbErr> {
        let of_aggregate = dead_letters::Entity::find().filter(self.of(aggregate));
        Ok(of_aggregate.limit(1).one(self.store.db()).await?.is_some())
    }

    /// How many there are.
    pub async fn count(&self) -> Result<u64, DbErr> {
        dead_letters::Entity::find()
            .filter(dead_letters::Column::Consumer.eq(self.consumer))
            .count(self.store.db())
            .await
    }

    /// How many there are of one aggregate.
    pub async fn count_of(&self, aggregate: Uuid) -> Result<u64, DbErr> {
        let of_aggregate = dead_letters::Entity::find().filter(self.of(aggregate));
        of_aggregate.count(self.store.db()).await
    }

    /// Those of one aggregate, in the order in which they happened.
    pub async fn queue(&self, aggregate: Uuid, limit: u64) -> Result<Vec<DeadLetter>, DbErr> {
        let queue = dead_letters::Entity::find().filter(self.of(aggregate));
        let queue = QUEUE.into_iter().fold(queue, |queue, column| queue.order_by_asc(column));
        let rows = queue.limit(limit).all(self.store.db()).await?;
        Ok(rows.into_iter().map(present).collect())
    }

    /// The aggregate of a letter that is still here.
    pub async fn aggregate_of(&self, event: Uuid) -> Result<Option<Uuid>, DbErr> {
        let row = dead_letters::Entity::find_by_id(self.id(event)).one(self.store.db()).await?;
        Ok(row.map(|row| row.aggregate))
    }

    /// Writes down that a message failed once more.
    pub async fn failed_again(&self, event: Uuid, error: &str) -> Result<(), DbErr> {
        let text = "UPDATE dead_letters SET error = $1, tries = tries + 1, tried = $2 WHERE id = $3";
        let values = [error.into(), self.store.clock().now().micros().into(), self.id(event).into()];
        self.write(text, values).await
    }

    /// Takes a message out, which was digested at last.
    pub async fn remove(&self, event: Uuid) -> Result<(), DbErr> {
        self.write("DELETE FROM dead_letters WHERE id = $1", [self.id(event).into()]).await
    }

    async fn write<const N: usize>(&self, text: &str, values: [sea_orm::Value; N]) -> Result<(), DbErr> {
        let db = self.store.writer();
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values))
            .await
            .map(drop)
    }

    fn of(&self, aggregate: Uuid) -> Condition {
        Condition::all()
            .add(dead_letters::Column::Consumer.eq(self.consumer))
            .add(dead_letters::Column::Aggregate.eq(aggregate))
    }

    fn id(&self, event: Uuid) -> Uuid {
        id(self.consumer, event)
    }
}

/// One consumer's letter about one event.
fn id(consumer: &str, event: Uuid) -> Uuid {
    Cause::step(consumer, event).id()
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
        tries: row.tries.unsigned_abs(),
        tried: row.tried,
    }
}
