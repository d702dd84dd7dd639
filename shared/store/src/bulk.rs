//! Sets of rows in one statement: a constant text for one row or for five hundred, so that it is prepared once.
//!
//! PostgreSQL takes one array per column (`unnest`); SQLite takes many `VALUES`.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, LazyLock, RwLock},
};

use futures::future::BoxFuture;
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, Iterable, ModelTrait,
    Statement, Value,
};
use uuid::Uuid;

/// SQLite takes 32,766 parameters in a statement.
const SQLITE_PARAMETERS: usize = 30_000;

/// The texts of an entity's statements.
struct Sql {
    columns: Vec<Column>,
    names: String,
    table: &'static str,
    postgres_insert: String,
    postgres_update: String,
    sqlite_replace: String,
}

struct Column {
    name: &'static str,
    cast: &'static str,
    nullable: bool,
}

impl Sql {
    fn of<E: EntityTrait>() -> Arc<Self> {
        static TEXTS: LazyLock<RwLock<HashMap<TypeId, Arc<Sql>>>> = LazyLock::new(RwLock::default);
        let key = TypeId::of::<E>();
        if let Some(sql) = TEXTS.read().expect("no holder of this lock panics").get(&key) {
            return Arc::clone(sql);
        }
        let sql = Arc::new(Self::write::<E>());
        TEXTS.write().expect("no holder of this lock panics").insert(key, Arc::clone(&sql));
        sql
    }

    fn write<E: EntityTrait>() -> Self {
        let table = E::default().table_name();
        let columns: Vec<Column> = E::Column::iter().map(|column| Column::of(&column)).collect();
        let names = join(columns.iter().map(|column| format!("\"{}\"", column.name)));
        let mut parameter = 0;
        let mut next = |cast: &str| {
            parameter += 1;
            format!("${parameter}::{cast}[]")
        };
        // A nullable column travels as two arrays, its values and where they are missing.
        let arrays = join(columns.iter().map(|column| {
            let values = next(column.cast);
            if column.nullable {
                format!("{values}, {}", next("bool"))
            } else {
                values
            }
        }));
        let fields = join(columns.iter().map(|column| {
            let name = column.name;
            if column.nullable {
                format!("\"{name}\", \"{name}_missing\"")
            } else {
                format!("\"{name}\"")
            }
        }));
        let value = |column: &Column| {
            let name = column.name;
            if column.nullable {
                format!("CASE WHEN v.\"{name}_missing\" THEN NULL ELSE v.\"{name}\" END")
            } else {
                format!("v.\"{name}\"")
            }
        };
        let values = join(columns.iter().map(value));
        let set = join(
            columns
                .iter()
                .filter(|column| column.name != "id")
                .map(|column| format!("\"{}\" = {}", column.name, value(column))),
        );
        let excluded = join(
            columns
                .iter()
                .filter(|column| column.name != "id")
                .map(|column| format!("\"{0}\" = excluded.\"{0}\"", column.name)),
        );
        Self {
            postgres_insert: format!("INSERT INTO \"{table}\" ({names}) SELECT {values} FROM unnest({arrays}) AS v({fields})"),
            postgres_update: format!("UPDATE \"{table}\" AS t SET {set} FROM unnest({arrays}) AS v({fields}) WHERE t.\"id\" = v.\"id\""),
            sqlite_replace: format!("ON CONFLICT (\"id\") DO UPDATE SET {excluded}"),
            columns,
            names,
            table,
        }
    }

    /// One array for each column, and one more where it is nullable.
    fn arrays<E: EntityTrait<Model: ModelTrait<Entity = E>>>(&self, rows: &[E::Model]) -> Vec<Value> {
        let mut arrays = Vec::with_capacity(self.columns.len() + 2);
        for (column, about) in E::Column::iter().zip(&self.columns) {
            let values: Vec<Value> = rows.iter().map(|row| row.get(column)).collect();
            let kind = E::Model::get_value_type(column);
            if about.nullable {
                let missing = values.iter().map(|value| Value::Bool(Some(!is_some(value)))).collect();
                let filled = values
                    .into_iter()
                    .map(|value| if is_some(&value) { value } else { value.dummy_value() })
                    .collect();
                arrays.push(Value::Array(kind, Some(Box::new(filled))));
                arrays.push(Value::Array(sea_orm::sea_query::ArrayType::Bool, Some(Box::new(missing))));
            } else {
                arrays.push(Value::Array(kind, Some(Box::new(values))));
            }
        }
        arrays
    }

    async fn sqlite<E>(&self, tx: &DatabaseTransaction, rows: &[E::Model], conflict: &str) -> Result<(), DbErr>
    where
        E: EntityTrait<Model: ModelTrait<Entity = E>>,
    {
        let width = self.columns.len();
        for chunk in rows.chunks(SQLITE_PARAMETERS / width) {
            let places = format!("({})", join(std::iter::repeat_n("?", width)));
            let places = join(std::iter::repeat_n(places, chunk.len()));
            let text = format!("INSERT INTO \"{}\" ({}) VALUES {places} {conflict}", self.table, self.names);
            let values = chunk.iter().flat_map(|row| E::Column::iter().map(|column| row.get(column)));
            tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, text, values))
                .await?;
        }
        Ok(())
    }
}

impl Column {
    fn of(column: &impl ColumnTrait) -> Self {
        let def = column.def();
        let cast = match def.get_column_type() {
            ColumnType::Uuid => "uuid",
            ColumnType::BigInteger => "bigint",
            ColumnType::Integer => "int",
            ColumnType::SmallInteger => "smallint",
            ColumnType::Boolean => "bool",
            ColumnType::Double => "float8",
            ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => "text",
            ColumnType::Blob | ColumnType::Binary(_) | ColumnType::VarBinary(_) => "bytea",
            ColumnType::Json => "json",
            ColumnType::JsonBinary => "jsonb",
            other => panic!(
                "column {} has a type that rows cannot be written with in sets: {other:?}",
                column.as_str()
            ),
        };
        Self {
            name: column.as_str(),
            cast,
            nullable: def.is_null(),
        }
    }
}

fn is_some(value: &Value) -> bool {
    value != &value.as_null()
}

fn join(parts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    parts.into_iter().fold(String::new(), |mut text, part| {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(part.as_ref());
        text
    })
}

/// Loads rows by id and locks them, in the order of ids.
pub(crate) async fn lock<E>(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<Vec<E::Model>, DbErr>
where
    E: EntityTrait<Model: FromQueryResult>,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = Sql::of::<E>();
    let (names, table) = (&sql.names, sql.table);
    let mut found = Vec::with_capacity(ids.len());
    match tx.get_database_backend() {
        DbBackend::Postgres => {
            let text = format!("SELECT {names} FROM \"{table}\" WHERE \"id\" = ANY($1) ORDER BY \"id\" FOR UPDATE");
            found = tx
                .query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, [uuids(ids)]))
                .await?;
        }
        _ => {
            for chunk in ids.chunks(SQLITE_PARAMETERS) {
                let places = join(std::iter::repeat_n("?", chunk.len()));
                let text = format!("SELECT {names} FROM \"{table}\" WHERE \"id\" IN ({places})");
                let values = chunk.iter().map(|id| Value::from(*id));
                found.extend(
                    tx.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, text, values))
                        .await?,
                );
            }
        }
    }
    found.iter().map(|row| E::Model::from_query_result(row, "")).collect()
}

/// Adds rows. A row that exists already is an error.
pub(crate) async fn insert<E>(tx: &DatabaseTransaction, rows: &[E::Model]) -> Result<(), DbErr>
where
    E: EntityTrait<Model: ModelTrait<Entity = E>>,
{
    if rows.is_empty() {
        return Ok(());
    }
    let sql = Sql::of::<E>();
    match tx.get_database_backend() {
        DbBackend::Postgres => execute(tx, sql.postgres_insert.clone(), sql.arrays::<E>(rows)).await,
        _ => sql.sqlite::<E>(tx, rows, "").await,
    }
}

/// Writes rows that the transaction has locked.
pub(crate) async fn update<E>(tx: &DatabaseTransaction, rows: &[E::Model]) -> Result<(), DbErr>
where
    E: EntityTrait<Model: ModelTrait<Entity = E>>,
{
    if rows.is_empty() {
        return Ok(());
    }
    let sql = Sql::of::<E>();
    match tx.get_database_backend() {
        DbBackend::Postgres => execute(tx, sql.postgres_update.clone(), sql.arrays::<E>(rows)).await,
        _ => sql.sqlite::<E>(tx, rows, &sql.sqlite_replace).await,
    }
}

/// An array of ids as one parameter.
pub(crate) fn uuids(ids: &[Uuid]) -> Value {
    Value::Array(
        sea_orm::sea_query::ArrayType::Uuid,
        Some(Box::new(ids.iter().map(|id| Value::from(*id)).collect())),
    )
}

async fn execute(tx: &DatabaseTransaction, text: String, values: Vec<Value>) -> Result<(), DbErr> {
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, values))
        .await
        .map(drop)
}

/// Rows of one append-only table within one transaction, without their type.
pub(crate) trait AnyAppends: Send + Sync {
    fn keep(&mut self);
    fn forget(&mut self);
    fn write<'a>(&'a self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<bool, DbErr>>;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

pub(crate) struct Appends<M> {
    kept: Vec<M>,
    scratch: Vec<M>,
}

impl<M> Default for Appends<M> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

impl<M> Appends<M> {
    pub(crate) fn push(&mut self, row: M) {
        self.scratch.push(row);
    }
}

impl<M> AnyAppends for Appends<M>
where
    M: ModelTrait + Send + Sync + 'static,
    M::Entity: EntityTrait<Model = M>,
{
    fn keep(&mut self) {
        self.kept.append(&mut self.scratch);
    }

    fn forget(&mut self) {
        self.scratch.clear();
    }

    fn write<'a>(&'a self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<bool, DbErr>> {
        Box::pin(async move {
            insert::<M::Entity>(tx, &self.kept).await?;
            Ok(!self.kept.is_empty())
        })
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
