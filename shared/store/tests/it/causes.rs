//! A known cause never reaches the domain again.

use std::{panic, sync::Mutex};

use harness::{Database, databases};
use kernel::{LedgerAccountId, OrganisationId, Time};
use sea_orm::ConnectionTrait;
use store::{Cause, Error, Keys, Work};
use uuid::Uuid;

use crate::account::{Account, Overdrawn, entry, open, opened};

fn request(key: &str, amount: i64) -> Cause {
    Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Take", key, &amount)
}

#[tokio::test]
async fn the_same_request_is_carried_out_once_and_another_under_its_key_is_refused() {
    for database in databases().await {
        let store = open(&database).await;
        let account = opened(&store, 100).await;
        for _ in 0..3 {
            let taken = store
                .update(request("one", 10), account, |account: &mut Account| account.take(10))
                .await
                .unwrap();
            assert_eq!((taken.balance, taken.version()), (90, 2));
        }
        let reused = store
            .update(request("one", 20), account, |account: &mut Account| account.take(20))
            .await;
        assert!(matches!(reused, Err(Error::KeyReused)));
        let row = store.get::<Account>(account).await.unwrap().unwrap();
        assert_eq!((row.balance, row.note.as_deref()), (90, Some("took 10")));
    }
}

#[tokio::test]
async fn what_is_added_again_under_a_known_cause_is_answered_and_no_panic_is_told() {
    static TOLD: Mutex<String> = Mutex::new(String::new());
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        TOLD.lock().unwrap().push_str(&panicked.to_string());
        usual(panicked);
    }));
    for database in databases().await {
        let store = open(&database).await;
        let id = LedgerAccountId::at(Time::from_micros(77));
        for _ in 0..3 {
            let added = store.execute::<i64, Overdrawn, _>(request("add", 1), Keys::new().one::<Account>(id), move |work| {
                work.insert(Account::new(id, 5));
                Ok(5)
            });
            assert_eq!(added.await.unwrap(), 5);
        }
        assert!(!TOLD.lock().unwrap().contains(&id.to_string()));
        assert!(!TOLD.lock().unwrap().contains(&id.uuid().to_string()));
    }
}

#[tokio::test]
async fn what_was_carried_out_before_is_answered_though_it_cannot_be_prepared_any_more() {
    for database in databases().await {
        let store = open(&database).await;
        let account = opened(&store, 100).await;
        let known = store.recorded::<i64>(request("late", 30)).await.unwrap();
        assert_eq!(known, None);
        let take = async |amount: i64, possible: bool| {
            let taken = store.execute_prepared::<i64, Overdrawn, _, Error<Overdrawn>, _>(
                request("late", amount),
                |_| false,
                |_| async move {
                    if !possible {
                        return Err(Error::Refused(Overdrawn));
                    }
                    let run = move |work: &mut Work| {
                        let changed = work.change::<Account>(account).unwrap();
                        changed.take(amount)?;
                        Ok(changed.balance)
                    };
                    Ok((Keys::new().one::<Account>(account), run))
                },
            );
            taken.await
        };
        assert!(matches!(take(30, false).await, Err(Error::Refused(_))));
        assert_eq!(take(30, true).await.unwrap(), 70);
        assert_eq!(take(30, false).await.unwrap(), 70);
        assert!(matches!(take(20, false).await, Err(Error::KeyReused)));
        assert_eq!(store.recorded::<i64>(request("late", 30)).await.unwrap(), Some(70));
    }
}

#[tokio::test]
async fn the_recorded_answer_comes_again() {
    for database in databases().await {
        let store = open(&database).await;
        let account = opened(&store, 100).await;
        for _ in 0..2 {
            let answer: i64 = store
                .execute::<i64, Overdrawn, _>(request("two", 30), Keys::new().one::<Account>(account), move |work| {
                    let changed = work.change::<Account>(account).unwrap();
                    changed.take(30)?;
                    let fact = changed.taken(30);
                    work.emit(fact);
                    work.append(entry::Model {
                        id: Uuid::from_u128(5),
                        account: account.uuid(),
                        change: -30,
                    });
                    Ok(work.get::<Account>(account).unwrap().balance)
                })
                .await
                .unwrap();
            assert_eq!(answer, 70);
            store
                .update(request("", 0), account, |account: &mut Account| account.take(1))
                .await
                .unwrap();
        }
        assert_eq!(store.get::<Account>(account).await.unwrap().unwrap().balance, 68);
        assert_eq!(store.outbox().backlog().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_closure_knows_the_version_that_its_write_leaves() {
    for database in databases().await {
        let store = open(&database).await;
        let (id, absent) = (
            LedgerAccountId::at(Time::from_micros(78)),
            LedgerAccountId::at(Time::from_micros(79)),
        );
        let leaves = async |add: i64| {
            let keys = Keys::new().one::<Account>(id).one::<Account>(absent);
            let left = store.execute::<i64, Overdrawn, _>(request("", 0), keys, move |work| {
                match work.change::<Account>(id) {
                    None => work.insert(Account::new(id, 0)),
                    Some(account) => account.balance += add,
                }
                assert_eq!(work.after::<Account>(absent), None);
                let after = work.after::<Account>(id).unwrap();
                assert_eq!(*after, **work.get::<Account>(id).unwrap());
                Ok(after.version())
            });
            (left.await.unwrap(), store.get::<Account>(id).await.unwrap().unwrap().version())
        };
        // Added, changed, and left as it was.
        assert_eq!(leaves(0).await, (1, 1));
        assert_eq!(leaves(5).await, (2, 2));
        assert_eq!(leaves(0).await, (2, 2));
        // Three that share a transaction each know of those before them.
        let (first, second, third) = tokio::join!(leaves(1), leaves(0), leaves(1));
        assert_eq!([first.0, second.0, third.0], [3, 3, 4]);
        let read = store.execute::<i64, Overdrawn, _>(request("", 0), Keys::new().one::<Account>(id), move |work| {
            Ok(work.after::<Account>(id).unwrap().version())
        });
        assert_eq!(read.await.unwrap(), 4);
    }
}

#[tokio::test]
async fn a_refusal_leaves_no_trace_and_may_be_tried_again_under_its_key() {
    for database in databases().await {
        let store = open(&database).await;
        let account = opened(&store, 5).await;
        let refused = store
            .update(request("three", 10), account, |account: &mut Account| account.take(10))
            .await;
        assert_eq!(refused.unwrap_err().to_string(), "refused: there is not enough on the account");
        store
            .update(request("", 0), account, |account: &mut Account| {
                Ok::<_, Overdrawn>(account.balance += 10)
            })
            .await
            .unwrap();
        let taken = store
            .update(request("three", 10), account, |account: &mut Account| account.take(10))
            .await
            .unwrap();
        assert_eq!(taken.balance, 5);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    for database in databases().await {
        let store = open(&database).await;
        let missing = LedgerAccountId::at(Time::from_micros(0));
        let missing = store.update(request("", 0), missing, |account: &mut Account| account.take(1)).await;
        assert!(matches!(missing, Err(Error::NotFound("account"))));
        let told = tonic::Status::from(runtime::Problem::from(Error::<std::convert::Infallible>::NotFound("signing_key")));
        assert_eq!(told.message(), "there is no such signing key");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_again_fails_alone() {
    for database in databases().await {
        let store = open(&database).await;
        let account = opened(&store, 10).await;
        let cause = || Cause::step("twice", account);
        store.execute::<i64, Overdrawn, _>(cause(), Keys::new(), |_| Ok(7)).await.unwrap();
        // Another operation under the same name, which expects a text.
        let confused = store.execute::<String, Overdrawn, _>(cause(), Keys::new(), |_| Ok(String::new()));
        assert!(matches!(confused.await, Err(Error::Panicked)));
        let taken = store.update(request("", 0), account, |account: &mut Account| account.take(1));
        assert_eq!(taken.await.unwrap().balance, 9);
    }
}

#[tokio::test]
async fn what_is_acknowledged_after_the_database_failed_by_itself_is_kept() {
    let database = Database::sqlite();
    let store = open(&database).await;
    let account = opened(&store, 10).await;
    let take =
        |key: &'static str, amount: i64| store.update(request(key, amount), account, move |account: &mut Account| account.take(amount));
    // As it does when the disk is full, SQLite rolls the whole transaction back.
    let full = "CREATE TRIGGER full BEFORE UPDATE ON accounts BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END";
    store.db().execute_unprepared(full).await.unwrap();
    for key in ["one", "two"] {
        assert!(matches!(take(key, 1).await, Err(Error::Database(_))), "{key}");
    }
    store.db().execute_unprepared("DROP TRIGGER full").await.unwrap();
    assert!(matches!(take("much", 1_000).await, Err(Error::Refused(_))));
    assert_eq!(take("three", 1).await.unwrap().balance, 9);
    let stored = open(&database).await.get::<Account>(account).await.unwrap().unwrap();
    assert_eq!(stored.balance, 9, "another connection sees what was acknowledged");
}
