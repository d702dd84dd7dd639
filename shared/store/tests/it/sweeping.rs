//! What is old goes: published events after a week, causes after a month. What is not published stays.

use std::{sync::Arc, time::Duration};

use harness::databases;
use kernel::{ManualClock, OrganisationId, Time};
use sea_orm::{ConnectionTrait, Statement};
use store::{Cause, Fact, Keys, Options, SHARDS, Store};
use uuid::Uuid;

use crate::account::{Migrator, Overdrawn};

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn tell(store: &Store, number: u64) {
    let cause = Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Tell", &number.to_string(), &number);
    let tell = move |work: &mut store::Work| {
        work.emit(Fact::new("bank.v1.taken", Uuid::from_u128(7), [], &number));
        Ok(())
    };
    store.execute::<(), Overdrawn, _>(cause, Keys::new(), tell).await.unwrap();
}

async fn rows(store: &Store) -> (i64, i64) {
    let text = "SELECT (SELECT count(*) FROM outbox) AS events, (SELECT count(*) FROM causes) AS causes";
    let row = store
        .db()
        .query_one_raw(Statement::from_string(store.db().get_database_backend(), text))
        .await;
    let row = row.unwrap().unwrap();
    (row.try_get("", "events").unwrap(), row.try_get("", "causes").unwrap())
}

#[tokio::test]
async fn what_a_service_says_goes_after_its_time_however_much_it_is() {
    for database in databases().await {
        let clock = Arc::new(ManualClock::at(Time::from_micros(1_700_000_000_000_000)));
        let options = Options::new(Arc::<ManualClock>::clone(&clock)).forgetting("visits", "left_at", DAY);
        let store = Store::open::<Migrator>(database.url(), options).await.unwrap();
        let left = store.clock().now();
        let visits = (0..18_000).map(|guest| format!("({guest}, {})", left.plus(DAY * (guest % 3)).micros()));
        let visits = format!("INSERT INTO visits (id, left_at) VALUES {}", visits.collect::<Vec<_>>().join(", "));
        store
            .db()
            .execute_unprepared("CREATE TABLE visits (id BIGINT PRIMARY KEY, left_at BIGINT NOT NULL)")
            .await
            .unwrap();
        store.db().execute_unprepared(&visits).await.unwrap();
        clock.advance(DAY);
        assert_eq!(store.sweep().await.unwrap(), 0);
        clock.advance(DAY);
        assert_eq!(store.sweep().await.unwrap(), 6_000);
        clock.advance(5 * DAY);
        assert_eq!(store.sweep().await.unwrap(), 12_000);
    }
}

#[tokio::test]
async fn published_events_go_after_a_week_and_causes_after_a_month() {
    for database in databases().await {
        let clock = Arc::new(ManualClock::at(Time::from_micros(1_700_000_000_000_000)));
        let store = Store::open::<Migrator>(database.url(), Options::new(Arc::<ManualClock>::clone(&clock)))
            .await
            .unwrap();
        let shards: Vec<i16> = (0..SHARDS).collect();
        for number in 0..4 {
            tell(&store, number).await;
        }
        let waiting = store.outbox().next(&[], store.clock().now(), &shards, 100).await.unwrap();
        let published: Vec<Uuid> = waiting[..3].iter().map(|event| event.id).collect();
        store.outbox().next(&published, store.clock().now(), &shards, 100).await.unwrap();
        clock.advance(6 * DAY);
        tell(&store, 4).await;
        assert_eq!((store.sweep().await.unwrap(), rows(&store).await), (0, (5, 5)));
        clock.advance(2 * DAY);
        assert_eq!((store.sweep().await.unwrap(), rows(&store).await), (3, (2, 5)));
        clock.advance(23 * DAY);
        assert_eq!((store.sweep().await.unwrap(), rows(&store).await), (4, (2, 1)));
    }
}
