//! Many updates at once, from one replica and from two.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use harness::databases;
use kernel::{LedgerAccountId, OrganisationId, Stale, Time};
use sea_orm::{ConnectionTrait, Statement};
use store::{Cause, Error, Keys, Work};
use uuid::Uuid;

use crate::account::{Account, Overdrawn, open, opened};

fn cause(key: &str) -> Cause {
    Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Take", key, &())
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
async fn a_decision_never_rests_on_a_row_that_another_replica_has_changed() {
    for database in databases().await {
        let [ours, theirs] = [open(&database).await, open(&database).await];
        let limit = opened(&ours, 0).await;
        for spent in 1..=20 {
            let account = opened(&ours, 0).await;
            // Ours knows the limit from the last turn; theirs raises it by one.
            theirs
                .update(cause(""), limit, |limit: &mut Account| Ok::<_, Overdrawn>(limit.balance += 1))
                .await
                .unwrap();
            let keys = Keys::new().one::<Account>(limit).one::<Account>(account);
            ours.execute::<(), Overdrawn, _>(cause(""), keys, move |work| {
                let allowed = work.get::<Account>(limit).unwrap().balance;
                work.change::<Account>(account).unwrap().balance = allowed;
                Ok(())
            })
            .await
            .unwrap();
            assert_eq!(ours.get::<Account>(account).await.unwrap().unwrap().balance, spent);
        }
    }
}

#[tokio::test]
async fn what_was_prepared_with_an_old_row_is_prepared_again_but_not_for_ever() {
    for database in databases().await {
        let store = &open(&database).await;
        let id = opened(store, 0).await;
        let change = async |others: usize| {
            let prepared = &AtomicUsize::new(0);
            let changed = store.execute_prepared::<i64, Stale, _, Error<Stale>, _>(
                cause(""),
                |_| true,
                |again| async move {
                    let before = prepared.fetch_add(1, Ordering::SeqCst);
                    assert_eq!(again, before > 0);
                    let known = store.get::<Account>(id).await.map_err(Error::of_read)?.unwrap().version();
                    // Somebody is faster.
                    if before < others {
                        let raise = |account: &mut Account| Ok(account.balance += 1);
                        store.update::<Account, Stale, _>(cause(""), id, raise).await?;
                    }
                    let run = move |work: &mut Work| {
                        work.get::<Account>(id).unwrap().must_be_at(Some(known))?;
                        Ok(known)
                    };
                    Ok((Keys::new().one::<Account>(id), run))
                },
            );
            (changed.await.ok(), prepared.load(Ordering::SeqCst))
        };
        assert_eq!(change(0).await, (Some(1), 1));
        assert_eq!(change(2).await, (Some(3), 3));
        assert_eq!(change(100).await, (None, 5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_not_fresh_after_all_is_found() {
    for database in databases().await {
        let [ours, theirs] = [open(&database).await, open(&database).await];
        let id = opened(&theirs, 5).await;
        let taken = ours.execute::<i64, Overdrawn, _>(cause(""), Keys::new().fresh::<Account>(id), move |work| {
            match work.change::<Account>(id) {
                None => work.insert(Account::new(id, 0)),
                Some(account) => account.take(2)?,
            }
            Ok(work.get::<Account>(id).unwrap().balance)
        });
        assert_eq!(taken.await.unwrap(), 3);
    }
}

#[tokio::test]
async fn a_row_that_the_domain_refuses_is_named_and_hurts_nobody_else() {
    for database in databases().await {
        let store = open(&database).await;
        let [sound, corrupt] = [opened(&store, 5).await, opened(&store, 5).await];
        let spoil = "UPDATE accounts SET tags = '{}', version = version + 1 WHERE id = $1";
        let statement = Statement::from_sql_and_values(store.db().get_database_backend(), spoil, [corrupt.uuid().into()]);
        store.db().execute_raw(statement).await.unwrap();
        // The first one finds out that the row is not as it is remembered; the second one must read it again as well.
        for _ in 0..2 {
            let takes = [corrupt, sound].map(|id| store.update(cause(""), id, |account: &mut Account| account.take(1)));
            let [refused, taken] = join_all(takes).await.try_into().unwrap();
            let error = refused.unwrap_err().to_string();
            assert!(error.starts_with("corrupt row in accounts: invalid type"), "{error}");
            assert!(taken.is_ok());
        }
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
                        if turn == 11 { Ok(account.balance = -1) } else { account.take(1) }
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
