//! What the services have written: every row of every table, and every line in which they complain.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use sea_orm::{ConnectionTrait, Database as Sql, DatabaseConnection, DbBackend, Statement};
use tests::{Ecosystem, SERVICES};

/// Tables in which a service keeps house, whoever asks what: leases of the relay's shards, and how far its stream was read.
const HOUSEKEEPING: [&str; 3] = ["relay_leases", "relay_stream", "seaql_migrations"];

/// All rows, by service and table.
pub(super) type Rows = BTreeMap<String, BTreeSet<String>>;

/// Everything that is written anywhere.
pub(super) async fn rows(ecosystem: &Ecosystem) -> Rows {
    let mut rows = Rows::new();
    for service in SERVICES {
        let db = Sql::connect(ecosystem.database(service)).await.unwrap();
        for table in tables(&db).await {
            if !HOUSEKEEPING.contains(&table.as_str()) {
                rows.insert(format!("{service}.{table}"), contents(&db, &table).await);
            }
        }
        db.close().await.unwrap();
    }
    rows
}

/// Whether every event is published, every provider has been asked what became of what, and every transfer is sealed.
pub(super) async fn nothing_waits(ecosystem: &Ecosystem) -> bool {
    let mut waiting = BTreeSet::new();
    for service in SERVICES {
        let db = Sql::connect(ecosystem.database(service)).await.unwrap();
        waiting.extend(texts(&db, "SELECT subject AS text FROM outbox WHERE published IS NULL").await);
        if service == "payment" {
            let unsealed = "SELECT 'a transfer' AS text FROM transfers WHERE created > (SELECT max(sealed_created) FROM chains)";
            waiting.extend(texts(&db, unsealed).await);
            waiting.extend(texts(&db, "SELECT kind AS text FROM timers").await);
        }
        db.close().await.unwrap();
    }
    waiting.is_empty()
}

/// The rows that only one of the two has.
pub(super) fn changes(before: &Rows, after: &Rows) -> Vec<String> {
    let mut changes = Vec::new();
    for (table, rows) in after {
        let known = &before[table];
        changes.extend(rows.difference(known).map(|row| format!("+ {table} {row:.300}")));
        changes.extend(known.difference(rows).map(|row| format!("- {table} {row:.300}")));
    }
    changes
}

async fn tables(db: &DatabaseConnection) -> Vec<String> {
    texts(
        db,
        match db.get_database_backend() {
            DbBackend::Postgres => "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'",
            // What belongs to an index for searching changes with its table.
            _ => "SELECT name AS text FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'",
        },
    )
    .await
}

async fn contents(db: &DatabaseConnection, table: &str) -> BTreeSet<String> {
    let select = match db.get_database_backend() {
        DbBackend::Postgres => format!("SELECT row_to_json(t)::text AS text FROM {table} t"),
        _ => {
            let columns = texts(
                db,
                &format!("SELECT 'quote(\"' || name || '\")' AS text FROM pragma_table_info('{table}')"),
            )
            .await;
            format!("SELECT {} AS text FROM {table}", columns.join(" || ',' || "))
        }
    };
    texts(db, &select).await.into_iter().collect()
}

async fn texts(db: &DatabaseConnection, select: &str) -> Vec<String> {
    let select = Statement::from_string(db.get_database_backend(), select.to_owned());
    let rows = db.query_all_raw(select).await.unwrap();
    rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
}

/// The lines in which a process warns or complains.
pub(super) fn complaints(ecosystem: &Ecosystem) -> Vec<String> {
    lines(ecosystem, &["WARN", "ERROR", "panicked"])
}

/// The lines in which a process tells of a fault of its own.
pub(super) fn errors(ecosystem: &Ecosystem) -> Vec<String> {
    lines(ecosystem, &["ERROR", "panicked"])
}

fn lines(ecosystem: &Ecosystem, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in SERVICES
        .iter()
        .flat_map(|service| ecosystem.replicas(service))
        .chain(["gateway".to_owned()])
    {
        let log = fs::read_to_string(ecosystem.data().join(format!("{name}.log"))).unwrap();
        let bad = log.lines().filter(|line| words.iter().any(|word| line.contains(word)));
        found.extend(bad.map(|line| format!("{name}: {line}")));
    }
    found
}
