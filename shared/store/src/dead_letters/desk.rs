//! The dead letters of all consumers of a service, as an operator sees them.

use kernel::{AccountId, PageToken, Time};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value,
};
use uuid::Uuid;

use super::{DeadLetter, id, present};
use crate::{
    Store,
    batch::begin,
    rows::{dead_letters, purged_letters},
};

/// Lists dead letters and gives them up.
#[derive(Clone)]
pub struct Desk {
    store: Store,
}

/// A dead letter in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Whose letter it is.
    pub consumer: String,
    /// The letter.
    pub dead: DeadLetter,
    /// How many letters of its aggregate wait behind it.
    pub behind: u64,
}

/// A letter that was given up.
#[derive(Clone, Debug, PartialEq)]
pub struct Purged {
    /// Whose letter it was.
    pub consumer: String,
    /// The letter.
    pub dead: DeadLetter,
    /// Why.
    pub reason: String,
    /// By whom.
    pub account: AccountId,
    /// When.
    pub time: Time,
}

/// Whether `other` is before `letter`, in the same queue.
const BEFORE: &str = "other.consumer = letter.consumer AND other.aggregate = letter.aggregate \
                      AND (other.version, other.created, other.event) < (letter.version, letter.created, letter.event)";
const BEHIND: &str = "SELECT count(*) FROM dead_letters AS other WHERE other.consumer = letter.consumer AND other.aggregate = letter.aggregate \
                      AND (other.version, other.created, other.event) > (letter.version, letter.created, letter.event)";

impl Desk {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The letters after a position in the list, oldest first: those at the heads of their queues, or all.
    pub async fn list(&self, consumer: Option<&str>, queued_too: bool, after: Option<PageToken>, limit: u64) -> Result<Vec<Listed>, DbErr> {
        let db = self.store.db();
        let mut values: Vec<Value> = Vec::new();
        let mut place = |value: Value| {
            values.push(value);
            format!("${}", values.len())
        };
        let mut conditions = vec!["1 = 1".to_owned()];
        if let Some(consumer) = consumer {
            conditions.push(format!("letter.consumer = {}", place(consumer.into())));
        }
        if let Some(after) = after {
            let (created, event) = (place(after.position.into()), place(after.id.into()));
            conditions.push(format!("(letter.created, letter.event) > ({created}, {event})"));
        }
        if !queued_too {
            conditions.push(format!("NOT EXISTS (SELECT 1 FROM dead_letters AS other WHERE {BEFORE})"));
        }
        let text = format!(
            "SELECT letter.*, ({BEHIND}) AS behind FROM dead_letters AS letter WHERE {} ORDER BY letter.created, letter.event LIMIT {limit}",
            conditions.join(" AND ")
        );
        let rows = db
            .query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values))
            .await?;
        rows.iter()
            .map(|row| {
                let letter = dead_letters::Model::from_query_result(row, "")?;
                Ok(Listed {
                    consumer: letter.consumer.clone(),
                    dead: present(letter),
                    behind: row.try_get::<i64>("", "behind")?.unsigned_abs(),
                })
            })
            .collect()
    }

    /// Gives a letter up: it is kept among the purged ones, and its event is not put away again when it comes again. Purging it again
    /// answers the same; nothing when there never was such a letter.
    pub async fn purge(&self, consumer: &str, event: Uuid, reason: &str, account: AccountId) -> Result<Option<Purged>, DbErr> {
        let tx = begin(self.store.writer()).await?;
        let id = id(consumer, event);
        let Some(letter) = dead_letters::Entity::find_by_id(id).one(&tx).await? else {
            let purged = purged_letters::Entity::find_by_id(id).one(&tx).await?;
            tx.rollback().await?;
            return Ok(purged.map(purged_of));
        };
        let row = purged_letters::Model {
            id,
            consumer: letter.consumer,
            event: letter.event,
            subject: letter.subject,
            aggregate: letter.aggregate,
            version: letter.version,
            owners: letter.owners,
            traceparent: letter.traceparent,
            occurred: letter.occurred,
            body: letter.body,
            error: letter.error,
            tries: letter.tries,
            tried: letter.tried,
            created: letter.created,
            reason: reason.to_owned(),
            account: account.uuid(),
            purged: self.store.clock().now().micros(),
        };
        let keeping = purged_letters::Entity::insert(row.clone().into_active_model());
        keeping.exec_without_returning(&tx).await?;
        dead_letters::Entity::delete_by_id(id).exec(&tx).await?;
        tx.commit().await?;
        Ok(Some(purged_of(row)))
    }

    /// The letters that were given up, newest first, after a position in the list.
    pub async fn purged(&self, after: Option<PageToken>, limit: u64) -> Result<Vec<Purged>, DbErr> {
        use purged_letters::Column;
        let mut select = purged_letters::Entity::find();
        if let Some(after) = after {
            let same_time = Condition::all()
                .add(Column::Purged.eq(after.position))
                .add(Column::Event.lt(after.id));
            select = select.filter(Condition::any().add(Column::Purged.lt(after.position)).add(same_time));
        }
        let rows = select
            .order_by_desc(Column::Purged)
            .order_by_desc(Column::Event)
            .limit(limit)
            .all(self.store.db())
            .await?;
        Ok(rows.into_iter().map(purged_of).collect())
    }
}

fn purged_of(row: purged_letters::Model) -> Purged {
    let letter = dead_letters::Model {
        id: row.id,
        consumer: row.consumer.clone(),
        event: row.event,
        subject: row.subject,
        aggregate: row.aggregate,
        version: row.version,
        owners: row.owners,
        traceparent: row.traceparent,
        occurred: row.occurred,
        body: row.body,
        error: row.error,
        created: row.created,
        tries: row.tries,
        tried: row.tried,
    };
    Purged {
        consumer: row.consumer,
        dead: present(letter),
        reason: row.reason,
        account: AccountId::from_uuid(row.account),
        time: Time::from_micros(row.purged),
    }
}
