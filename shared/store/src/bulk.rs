//! The texts and values of statements that take sets of rows: a constant text for one row or for five hundred, so that it is prepared once.
//!
//! PostgreSQL takes one array per column (`unnest`); SQLite takes many `VALUES`.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, LazyLock, RwLock},
};

use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, EntityTrait, FromQueryResult, Iterable, ModelTrait,
    Statement, Value, sea_query::ArrayType,
};
use uuid::Uuid;

/// SQLite takes 32,766 parameters in a statement.
pub(crate) const SQLITE_PARAMETERS: usize = 30_000;

/// The parts that an entity's statements are made of.
pub(crate) struct Sql {
    columns: Vec<Column>,
    table: &'static str,
    /// The columns, to be inserted or selected.
    names: String,
    /// The columns of the unnested arrays, in the order of the arrays.
    fields: String,
    /// What goes into each column, of the unnested arrays.
    values: String,
    /// What an update sets: everything but the id.
    set: String,
    /// The same for SQLite, whose updates are inserts of rows that are there.
    pub(crate) sqlite_replace: String,
}

struct Column {
    name: &'static str,
    cast: &'static str,
    nullable: bool,
}

impl Sql {
    pub(crate) fn of<E: EntityTrait>() -> Arc<Self> {
        static PARTS: LazyLock<RwLock<HashMap<TypeId, Arc<Sql>>>> = LazyLock::new(RwLock::default);
        let key = TypeId::of::<E>();
        if let Some(sql) = PARTS.read().expect("no holder of this lock panics").get(&key) {
            return Arc::clone(sql);
        }
        let sql = Arc::new(Self::new::<E>());
        PARTS.write().expect("no holder of this lock panics").insert(key, Arc::clone(&sql));
        sql
    }

    fn new<E: EntityTrait>() -> Self {
        let columns: Vec<Column> = E::Column::iter().map(|column| Column::of(&column)).collect();
        let but_id = || columns.iter().filter(|column| column.name != "id");
        Self {
            table: E::default().table_name(),
            names: join(columns.iter().map(|column| format!("\"{}\"", column.name))),
            fields: join(columns.iter().map(Column::field)),
            values: join(columns.iter().map(Column::value)),
            set: join(but_id().map(|column| format!("\"{}\" = {}", column.name, column.value()))),
            sqlite_replace: format!(
                "ON CONFLICT (\"id\") DO UPDATE SET {}",
                join(but_id().map(|column| format!("\"{0}\" = excluded.\"{0}\"", column.name)))
            ),
            columns,
        }
    }

    /// PostgreSQL: adds rows, whose arrays are the parameters from `first` on.
    pub(crate) fn insert(&self, first: usize) -> String {
        let (table, names, values, rows) = (self.table, &self.names, &self.values, self.unnest(first, None));
        format!("INSERT INTO \"{table}\" ({names}) SELECT {values} FROM {rows}")
    }

    /// PostgreSQL: writes over rows that are there, whose arrays are the
    /// parameters from `first` on, followed by the versions that they have.
    pub(crate) fn update(&self, first: usize) -> String {
        let (table, set) = (self.table, &self.set);
        let rows = self.unnest(first, Some("was"));
        format!("UPDATE \"{table}\" AS t SET {set} FROM {rows} WHERE t.\"id\" = v.\"id\" AND t.\"version\" = v.\"was\" RETURNING 1")
    }

    /// PostgreSQL: locks rows by ids and versions, which are the parameters from `first` on.
    pub(crate) fn expect(&self, first: usize) -> String {
        let (table, second) = (self.table, first + 1);
        format!(
            "SELECT 1 FROM \"{table}\" AS t JOIN unnest(${first}::uuid[], ${second}::bigint[]) AS v(\"id\", \"was\") \
             ON t.\"id\" = v.\"id\" AND t.\"version\" = v.\"was\" FOR UPDATE OF t"
        )
    }

    fn unnest(&self, first: usize, version: Option<&str>) -> String {
        let casts = self
            .columns
            .iter()
            .flat_map(|column| [Some(column.cast), column.nullable.then_some("bool")]);
        let arrays = casts
            .flatten()
            .chain(version.map(|_| "bigint"))
            .enumerate()
            .map(|(place, cast)| format!("${}::{cast}[]", first + place));
        let fields = join([self.fields.as_str()].into_iter().chain(version));
        format!("unnest({}) AS v({fields})", join(arrays))
    }

    /// PostgreSQL: one array for each column, and one more where it is nullable.
    pub(crate) fn arrays<E: EntityTrait<Model: ModelTrait<Entity = E>>>(&self, rows: &[E::Model]) -> Vec<Value> {
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
                arrays.push(Value::Array(ArrayType::Bool, Some(Box::new(missing))));
            } else {
                arrays.push(Value::Array(kind, Some(Box::new(values))));
            }
        }
        arrays
    }

    /// SQLite: adds rows, as many statements as their parameters need.
    pub(crate) fn sqlite<E>(&self, rows: &[E::Model], conflict: &str) -> Vec<Statement>
    where
        E: EntityTrait<Model: ModelTrait<Entity = E>>,
    {
        let width = self.columns.len();
        let place = format!("({})", join(std::iter::repeat_n("?", width)));
        let statement = |rows: &[E::Model]| {
            let places = join(std::iter::repeat_n(&place, rows.len()));
            let text = format!("INSERT INTO \"{}\" ({}) VALUES {places} {conflict}", self.table, self.names);
            let values = rows.iter().flat_map(|row| E::Column::iter().map(|column| row.get(column)));
            Statement::from_sql_and_values(DbBackend::Sqlite, text, values)
        };
        rows.chunks(SQLITE_PARAMETERS / width).map(statement).collect()
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

    /// A nullable column travels as two arrays, its values and where they are missing.
    fn field(&self) -> String {
        let name = self.name;
        if self.nullable {
            format!("\"{name}\", \"{name}_missing\"")
        } else {
            format!("\"{name}\"")
        }
    }

    fn value(&self) -> String {
        let name = self.name;
        if self.nullable {
            format!("CASE WHEN v.\"{name}_missing\" THEN NULL ELSE v.\"{name}\" END")
        } else {
            format!("v.\"{name}\"")
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

/// Loads rows by id, and locks them in the order of ids when asked to. On SQLite a transaction that writes has locked everything.
pub(crate) async fn load<E>(db: &DatabaseExecutor<'_>, ids: &[Uuid], lock: bool) -> Result<Vec<E::Model>, DbErr>
where
    E: EntityTrait<Model: FromQueryResult>,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = Sql::of::<E>();
    let (names, table) = (&sql.names, sql.table);
    let mut found = Vec::with_capacity(ids.len());
    match db.get_database_backend() {
        DbBackend::Postgres => {
            let lock = if lock { "ORDER BY \"id\" FOR UPDATE" } else { "" };
            let text = format!("SELECT {names} FROM \"{table}\" WHERE \"id\" = ANY($1) {lock}");
            found = db
                .query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, [uuids(ids)]))
                .await?;
        }
        _ => {
            for chunk in ids.chunks(SQLITE_PARAMETERS) {
                let places = join(std::iter::repeat_n("?", chunk.len()));
                let text = format!("SELECT {names} FROM \"{table}\" WHERE \"id\" IN ({places})");
                let values = chunk.iter().map(|id| Value::from(*id));
                found.extend(
                    db.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, text, values))
                        .await?,
                );
            }
        }
    }
    found.iter().map(|row| E::Model::from_query_result(row, "")).collect()
}

/// An array of ids as one parameter.
pub(crate) fn uuids(ids: &[Uuid]) -> Value {
    Value::Array(ArrayType::Uuid, Some(Box::new(ids.iter().map(|id| Value::from(*id)).collect())))
}

/// An array of texts as one parameter.
pub(crate) fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    Value::Array(ArrayType::String, Some(Box::new(texts.map(Value::from).collect())))
}

/// An array of numbers as one parameter.
pub(crate) fn numbers(numbers: impl Iterator<Item = i64>) -> Value {
    Value::Array(ArrayType::BigInt, Some(Box::new(numbers.map(Value::from).collect())))
}
