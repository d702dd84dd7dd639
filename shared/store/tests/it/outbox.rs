//! Events wait in the outbox until somebody who holds their shard has published them.

use std::time::Duration;

use harness::databases;
use kernel::{LedgerAccountId, OrganisationId, Time};
use store::{Cause, Keys, SHARDS};
use uuid::Uuid;

use crate::account::{Account, Overdrawn, open};

#[tokio::test]
async fn events_carry_their_aggregates_version_and_are_marked_set_wise() {
    for database in databases().await {
        let store = open(&database).await;
        let id = LedgerAccountId::at(Time::from_micros(0));
        let cause = || Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Take", "", &());
        let keys = Keys::new().one::<Account>(id);
        store
            .execute::<(), Overdrawn, _>(cause(), keys, move |work| Ok(work.insert(Account::new(id, 9))))
            .await
            .unwrap();
        for _ in 0..3 {
            store.update(cause(), id, |account: &mut Account| account.take(1)).await.unwrap();
        }
        let outbox = store.outbox();
        let all: Vec<i16> = (0..SHARDS).collect();
        let now = Time::from_micros(1);
        let waiting = outbox.next(&[], now, &all, 100).await.unwrap();
        assert_eq!(waiting.iter().map(|event| event.version).collect::<Vec<_>>(), [2, 3, 4]);
        let ids: Vec<Uuid> = waiting.iter().map(|event| event.id).collect();
        assert_eq!(outbox.next(&ids[..2], now, &all, 100).await.unwrap(), waiting[2..]);
        assert_eq!(outbox.next(&[], now, &all, 100).await.unwrap(), waiting[2..]);
        assert_eq!(outbox.republish(Time::from_micros(0)).await.unwrap(), 2);
        assert_eq!(outbox.backlog().await.unwrap(), 3);
    }
}

#[tokio::test]
async fn replicas_share_the_shards_and_inherit_those_of_the_dead() {
    for database in databases().await {
        let outbox = open(&database).await.outbox();
        let second = Duration::from_secs(1);
        let start = Time::from_micros(0);
        assert_eq!(outbox.lease("a", start, start.plus(second)).await.unwrap().len(), 16);
        assert_eq!(outbox.lease("b", start, start.plus(second)).await.unwrap().len(), 0);
        // b is alive only through what it holds, so the first turn frees nothing; a gives up half once b holds any.
        outbox.release("a").await.unwrap();
        assert_eq!(outbox.lease("b", start, start.plus(second)).await.unwrap().len(), 16);
        let later = start.plus(second * 2);
        assert_eq!(outbox.lease("a", later, later.plus(second)).await.unwrap().len(), 16);
    }
}
