//! Many updates at once, from one replica and from two.

use futures::future::join_all;
use harness::databases;
use kernel::{LedgerAccountId, OrganisationId, Time};
use store::{Cause, Error, Keys, Store};
use uuid::Uuid;

use crate::account::{Account, Overdrawn, open};

fn cause(key: &str) -> Cause {
    Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Take", key, &())
}

async fn opened(store: &Store, balance: i64) -> LedgerAccountId {
    let id = LedgerAccountId::at(Time::from_micros(0));
    let keys = Keys::new().one::<Account>(id);
    store
        .execute::<(), Overdrawn, _>(cause(""), keys, move |work| Ok(work.insert(Account::new(id, balance))))
        .await
        .unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_never_overdraw_an_account() {
    for database in databases().await {
        let replicas = [open(&database).await, open(&database).await];
        let account = opened(&replicas[0], 10).await;
        let takes = (0..200).map(|turn| {
            let store = replicas[turn % 2].clone();
            async move { store.update(cause(""), account, |account: &mut Account| account.take(1)).await }
        });
        let taken = join_all(takes).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(taken, 10);
        let row = replicas[0].get::<Account>(account).await.unwrap().unwrap();
        assert_eq!((row.balance, row.version()), (0, 11));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_cause_from_many_sides_happens_once() {
    for database in databases().await {
        let replicas = [open(&database).await, open(&database).await];
        let account = opened(&replicas[0], 1_000).await;
        let takes = (0..100).map(|turn| {
            let store = replicas[turn % 2].clone();
            async move {
                store
                    .update(cause(&format!("{}", turn % 10)), account, |account: &mut Account| account.take(1))
                    .await
            }
        });
        assert!(join_all(takes).await.iter().all(Result::is_ok));
        assert_eq!(replicas[0].get::<Account>(account).await.unwrap().unwrap().balance, 990);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_that_add_the_same_aggregate_agree_on_one() {
    for database in databases().await {
        let replicas = [open(&database).await, open(&database).await];
        let id = LedgerAccountId::at(Time::from_micros(0));
        let adds = (0..40).map(|turn| {
            let store = replicas[turn % 2].clone();
            async move {
                store
                    .execute::<(), Overdrawn, _>(cause(""), Keys::new().one::<Account>(id), move |work| {
                        if work.get::<Account>(id).is_none() {
                            work.insert(Account::new(id, 0));
                        }
                        work.change::<Account>(id).unwrap().balance += 1;
                        Ok(())
                    })
                    .await
            }
        });
        assert!(join_all(adds).await.iter().all(Result::is_ok));
        assert_eq!(replicas[0].get::<Account>(id).await.unwrap().unwrap().balance, 40);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisonous_update_hurts_nobody_else() {
    for database in databases().await {
        let store = open(&database).await;
        let account = opened(&store, 100).await;
        let jobs = (0..30).map(|turn| {
            let store = store.clone();
            async move {
                store
                    .update(cause(""), account, move |account: &mut Account| {
                        assert!(turn != 7, "this one panics");
                        // The database's own guard refuses a negative balance.
                        if turn == 11 {
                            Ok(account.balance = -1)
                        } else {
                            account.take(1).map(drop)
                        }
                    })
                    .await
            }
        });
        let outcomes = join_all(jobs).await;
        assert!(matches!(outcomes[7], Err(Error::Panicked)));
        assert!(matches!(outcomes[11], Err(Error::Database(_))));
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 28);
        assert_eq!(store.get::<Account>(account).await.unwrap().unwrap().balance, 72);
    }
}
