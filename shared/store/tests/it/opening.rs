//! A new database is made whole or not at all, whoever comes at the same time.

use futures::future::join_all;
use harness::{Database, databases};
use sea_orm::{ConnectionTrait, DbErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use store::{Options, Store};

use crate::account::{Account, clock, opened};

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_database_at_once() {
    for database in databases().await {
        let opening = (0..8).map(|_| Store::open::<crate::account::Migrator>(database.url(), Options::new(clock())));
        for store in join_all(opening).await {
            let store = store.unwrap();
            let id = opened(&store, 1).await;
            assert!(store.get::<Account>(id).await.unwrap().is_some());
        }
    }
}

/// Gets no further than half of its way.
struct Broken;

impl MigratorTrait for Broken {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Self)]
    }
}

impl MigrationName for Broken {
    fn name(&self) -> &str {
        "broken"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Broken {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        db.execute_unprepared("CREATE TABLE halves (id bigint)").await?;
        db.execute_unprepared("CREATE TABLE halves (id bigint)").await.map(drop)
    }
}

#[tokio::test]
async fn a_migration_that_breaks_leaves_nothing_behind() {
    for database in databases().await {
        assert!(Store::open::<Broken>(database.url(), Options::new(clock())).await.is_err());
        // The next release has it right.
        let store = Store::open::<crate::account::Migrator>(database.url(), Options::new(clock()))
            .await
            .unwrap();
        let halves = Statement::from_string(store.db().get_database_backend(), "SELECT * FROM halves");
        assert!(store.db().query_all_raw(halves).await.is_err(), "a half of it is there");
    }
}

#[tokio::test]
async fn whoever_keeps_the_file_for_a_moment_is_waited_for() {
    let database = Database::sqlite();
    let first = crate::account::open(&database).await;
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let keeping = first.db().begin_with_options(immediate).await.unwrap();
    let opening = tokio::spawn({
        let url = database.url().to_owned();
        async move { Store::open::<crate::account::Migrator>(&url, Options::new(clock())).await.map(drop) }
    });
    tokio::task::yield_now().await;
    keeping.rollback().await.unwrap();
    opening.await.unwrap().unwrap();
}
