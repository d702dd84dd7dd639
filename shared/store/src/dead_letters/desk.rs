//! The dead letters of all consumers of a service, as an operator sees them.

use kernel::{AccountId, PageToken, Time};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{DeadLetter, id, present};
use crate::{Store, batch::begin, rows::dead_letters};

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
        let columns: Vec<&str> = dead_letters::Column::iter().map(|column| column.as_str()).collect();
        let columns = columns.join(", ");
        let keep = format!(
            "INSERT INTO purged_letters ({columns}, reason, account, purged) SELECT {columns}, $1, $2, $3 FROM dead_letters WHERE id = $4"
        );
        let now = self.store.clock().now().micros();
        let values = [reason.into(), account.uuid().into(), now.into(), id.into()];
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), keep, values))
            .await?;
        dead_letters::Entity::delete_by_id(id).exec(&tx).await?;
        let purged = purged(&tx, "WHERE id = $1", [id.into()]).await?.pop();
        tx.commit().await?;
        Ok(purged)
    }

    /// The letters that were given up, newest first, after a position in the list.
    pub async fn purged(&self, after: Option<PageToken>, limit: u64) -> Result<Vec<Purged>, DbErr> {
        let (position, event) = after.map_or((i64::MAX, Uuid::max()), |after| (after.position, after.id));
        let which = format!("WHERE (purged, event) < ($1, $2) ORDER BY purged DESC, event DESC LIMIT {limit}");
        purged(self.store.db(), &which, [position.into(), event.into()]).await
    }
}

/// The letters that were given up of which something holds: their table has the columns of the dead letters' and three more.
pub(super) async fn purged<const N: usize>(db: &impl ConnectionTrait, which: &str, values: [Value; N]) -> Result<Vec<Purged>, DbErr> {
    let text = format!("SELECT * FROM purged_letters {which}");
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values));
    let purged = |row: &QueryResult| {
        let letter = dead_letters::Model::from_query_result(row, "")?;
        Ok(Purged {
            consumer: letter.consumer.clone(),
            dead: present(letter),
            reason: row.try_get("", "reason")?,
            account: AccountId::from_uuid(row.try_get("", "account")?),
            time: Time::from_micros(row.try_get("", "purged")?),
        })
    };
    rows.await?.iter().map(purged).collect()
}
