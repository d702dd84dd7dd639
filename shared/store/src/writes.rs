//! Everything that a transaction writes, gathered and then carried out together.
//!
//! PostgreSQL gets one statement, in which every table is a `WITH` of its own, because each round trip costs it and us more than the few
//! rows that it brings. What it must find for the writes to be right is counted in the same statement, which fails as a whole when the
//! counts differ; so it may as well be the whole transaction. SQLite is in our own process and gets them one after another.

use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, EntityTrait, ModelTrait, Statement, Value};
use uuid::Uuid;

use crate::bulk::{self, Sql};

/// The writes of one transaction, in the order in which they were gathered.
pub(crate) enum Writes {
    Postgres {
        parts: Vec<String>,
        values: Vec<Value>,
        /// The parts that must find all their rows, and how many these are.
        expected: Vec<(usize, usize)>,
    },
    Sqlite(Vec<Statement>),
}

impl Writes {
    pub(crate) fn new(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Postgres => Self::Postgres {
                parts: Vec::new(),
                values: Vec::new(),
                expected: Vec::new(),
            },
            _ => Self::Sqlite(Vec::new()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Postgres { parts, .. } => parts.is_empty(),
            Self::Sqlite(statements) => statements.is_empty(),
        }
    }

    /// Adds rows. A row that exists already is an error.
    pub(crate) fn insert<E>(&mut self, rows: &[E::Model])
    where
        E: EntityTrait<Model: ModelTrait<Entity = E>>,
    {
        let sql = Sql::of::<E>();
        match self {
            _ if rows.is_empty() => {}
            Self::Postgres { parts, values, .. } => {
                parts.push(sql.insert(values.len() + 1));
                values.extend(sql.arrays::<E>(rows));
            }
            Self::Sqlite(statements) => statements.extend(sql.sqlite::<E>(rows, "")),
        }
    }

    /// Writes over rows, which must have had these versions until now.
    pub(crate) fn update<E>(&mut self, rows: &[E::Model], were: &[i64])
    where
        E: EntityTrait<Model: ModelTrait<Entity = E>>,
    {
        let sql = Sql::of::<E>();
        match self {
            _ if rows.is_empty() => {}
            Self::Postgres { parts, values, expected } => {
                expected.push((parts.len(), rows.len()));
                parts.push(sql.update(values.len() + 1));
                values.extend(sql.arrays::<E>(rows));
                values.push(bulk::numbers(were.iter().copied()));
            }
            // Its only writer has read them in the same transaction.
            Self::Sqlite(statements) => statements.extend(sql.sqlite::<E>(rows, &sql.sqlite_replace)),
        }
    }

    /// Rows that stay as they are, which must have these versions.
    pub(crate) fn expect<E: EntityTrait>(&mut self, ids: &[Uuid], versions: &[i64]) {
        match self {
            Self::Postgres { parts, values, expected } if !ids.is_empty() => {
                expected.push((parts.len(), ids.len()));
                parts.push(Sql::of::<E>().expect(values.len() + 1));
                values.push(bulk::uuids(ids));
                values.push(bulk::numbers(versions.iter().copied()));
            }
            Self::Postgres { .. } | Self::Sqlite(_) => {}
        }
    }

    /// Sets timers, moving those that are set already.
    pub(crate) fn set_timers(&mut self, timers: &[(&'static str, Uuid, i64)]) {
        let on_conflict = "ON CONFLICT (kind, aggregate) DO UPDATE SET due = excluded.due, attempts = 0";
        match self {
            _ if timers.is_empty() => {}
            Self::Postgres { parts, values, .. } => {
                let [kind, aggregate, due] = [1, 2, 3].map(|place| values.len() + place);
                parts.push(format!(
                    "INSERT INTO timers (kind, aggregate, due) \
                     SELECT * FROM unnest(${kind}::text[], ${aggregate}::uuid[], ${due}::bigint[]) {on_conflict}"
                ));
                let aggregates: Vec<Uuid> = timers.iter().map(|(_, aggregate, _)| *aggregate).collect();
                values.push(bulk::texts(timers.iter().map(|(kind, ..)| *kind)));
                values.push(bulk::uuids(&aggregates));
                values.push(bulk::numbers(timers.iter().map(|(.., due)| *due)));
            }
            Self::Sqlite(statements) => {
                let text = format!(
                    "INSERT INTO timers (kind, aggregate, due) VALUES {} {on_conflict}",
                    vec!["(?, ?, ?)"; timers.len()].join(", ")
                );
                let values = timers
                    .iter()
                    .flat_map(|(kind, aggregate, due)| [Value::from(*kind), Value::from(*aggregate), Value::from(*due)]);
                statements.push(Statement::from_sql_and_values(DbBackend::Sqlite, text, values));
            }
        }
    }

    /// Takes timers back, whether they were set or not.
    pub(crate) fn unset_timers(&mut self, timers: &[(&'static str, Uuid)]) {
        match self {
            _ if timers.is_empty() => {}
            Self::Postgres { parts, values, .. } => {
                let [kind, aggregate] = [1, 2].map(|place| values.len() + place);
                parts.push(format!(
                    "DELETE FROM timers AS t USING unnest(${kind}::text[], ${aggregate}::uuid[]) AS v(kind, aggregate) \
                     WHERE t.kind = v.kind AND t.aggregate = v.aggregate"
                ));
                let aggregates: Vec<Uuid> = timers.iter().map(|(_, aggregate)| *aggregate).collect();
                values.push(bulk::texts(timers.iter().map(|(kind, _)| *kind)));
                values.push(bulk::uuids(&aggregates));
            }
            Self::Sqlite(statements) => {
                let text = format!(
                    "DELETE FROM timers WHERE (kind, aggregate) IN (VALUES {})",
                    vec!["(?, ?)"; timers.len()].join(", ")
                );
                let values = timers
                    .iter()
                    .flat_map(|(kind, aggregate)| [Value::from(*kind), Value::from(*aggregate)]);
                statements.push(Statement::from_sql_and_values(DbBackend::Sqlite, text, values));
            }
        }
    }

    /// Writes everything, or nothing when one of them cannot be written or is not as it is expected to be.
    pub(crate) async fn carry_out(self, db: DatabaseExecutor<'_>) -> Result<(), DbErr> {
        match self {
            Self::Postgres {
                mut parts,
                mut values,
                expected,
            } => {
                if !expected.is_empty() {
                    parts.push(all_found(&expected, values.len()));
                    values.extend(expected.iter().map(|(_, rows)| Value::from(*rows as i64)));
                }
                let Some(last) = parts.pop() else { return Ok(()) };
                let with = parts.iter().enumerate().map(|(number, part)| format!("w{number} AS ({part})"));
                let with: Vec<String> = with.collect();
                let text = if with.is_empty() {
                    last
                } else {
                    format!("WITH {} {last}", with.join(", "))
                };
                db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, values))
                    .await?;
            }
            Self::Sqlite(statements) => {
                for statement in statements {
                    db.execute_raw(statement).await?;
                }
            }
        }
        Ok(())
    }
}

/// Fails, and so takes everything back, unless each of these parts found as many rows as the parameters after
/// `values` say. PostgreSQL knows no failure of one's own choice within a statement, but it logs the text
/// that it could not read as a number, which tells operators what it was.
fn all_found(expected: &[(usize, usize)], values: usize) -> String {
    let found = expected.iter().enumerate();
    let found = found.map(|(place, (part, _))| format!("(SELECT count(*) FROM w{part}) = ${}", values + place + 1));
    format!(
        "SELECT (CASE WHEN {} THEN '1' ELSE 'a row has changed since it was read; its transaction is carried out again' END)::int",
        found.collect::<Vec<_>>().join(" AND ")
    )
}
