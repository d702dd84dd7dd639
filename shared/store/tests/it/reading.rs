//! Many reads at once.

use futures::future::join_all;
use harness::databases;
use kernel::{LedgerAccountId, OrganisationId, Time};
use sea_orm::ConnectionTrait;
use store::{Cause, Error};
use uuid::Uuid;

use crate::account::{Account, open, opened};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_written_reads_what_was_written_among_many_who_read() {
    for database in databases().await {
        let store = open(&database).await;
        let mut accounts = Vec::new();
        for _ in 0..8 {
            accounts.push(opened(&store, 1_000).await);
        }
        let writers = (0..64).map(|turn| {
            let (store, account) = (store.clone(), accounts[turn % 8]);
            async move {
                let cause = Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Take", "", &());
                let written = store.update(cause, account, |account: &mut Account| account.take(1)).await.unwrap();
                let read = store.get::<Account>(account).await.unwrap().unwrap();
                assert_eq!(read.id, account);
                assert!(read.version() >= written.version());
                let nobody = LedgerAccountId::at(Time::from_micros(i64::try_from(turn).unwrap()));
                assert_eq!(store.get::<Account>(nobody).await.unwrap(), None);
            }
        });
        join_all(writers.map(tokio::spawn))
            .await
            .into_iter()
            .for_each(|reader| reader.unwrap());
        for account in accounts {
            assert_eq!(store.get::<Account>(account).await.unwrap().unwrap().balance, 992);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_fails_those_who_ask_for_it_and_nobody_else() {
    for database in databases().await {
        let store = open(&database).await;
        let (good, bad) = (opened(&store, 1).await, opened(&store, 2).await);
        let spoil = "UPDATE accounts SET tags = '{}' WHERE balance = 2";
        store.db().execute_unprepared(spoil).await.unwrap();
        let reads = (0..40).map(|turn| {
            let (store, account) = (store.clone(), if turn % 4 == 0 { bad } else { good });
            async move { (account, store.get::<Account>(account).await) }
        });
        for (account, read) in join_all(reads).await {
            match read {
                Ok(found) => assert_eq!(found.unwrap().id, good),
                Err(error) => assert!(account == bad && matches!(error, Error::Corrupt(_)), "{error:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_is_told_to_everybody_and_asked_again() {
    for database in databases().await {
        let store = open(&database).await;
        let account = opened(&store, 1).await;
        store.db().execute_unprepared("ALTER TABLE accounts RENAME TO away").await.unwrap();
        let reads = join_all((0..10).map(|_| store.get::<Account>(account))).await;
        assert!(reads.iter().all(|read| matches!(read, Err(Error::Database(_)))), "{reads:?}");
        store.db().execute_unprepared("ALTER TABLE away RENAME TO accounts").await.unwrap();
        assert_eq!(store.get::<Account>(account).await.unwrap().unwrap().balance, 1);
    }
}
