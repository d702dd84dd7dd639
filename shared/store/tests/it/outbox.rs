//! Events wait in the outbox until somebody who holds their shard has published them.

use std::time::Duration;

use harness::databases;
use kernel::{LedgerAccountId, OrganisationId, Time};
use store::{Cause, Keys, SHARDS, Work};
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
            .execute::<(), Overdrawn, _>(cause(), keys.clone(), move |work| Ok(work.insert(Account::new(id, 9))))
            .await
            .unwrap();
        for _ in 0..3 {
            let take = move |work: &mut Work| {
                let account = work.change::<Account>(id).unwrap();
                account.take(1)?;
                let fact = account.taken(1);
                Ok(work.emit(fact))
            };
            store.execute::<(), Overdrawn, _>(cause(), keys.clone(), take).await.unwrap();
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
        let lease = async |holder: &str, second: u64| {
            let now = Time::from_micros(0).plus(Duration::from_secs(second));
            let mut shards = outbox.lease(holder, now, now.plus(Duration::from_secs(3))).await.unwrap();
            shards.sort_unstable();
            shards
        };
        assert_eq!(lease("a", 0).await.len(), 16);
        // Nothing is left for b and c, but a hears of them, and gives up what is more than a third.
        assert_eq!((lease("b", 0).await.len(), lease("c", 0).await.len()), (0, 0));
        assert_eq!(lease("a", 1).await.len(), 6);
        let (b, c) = (lease("b", 1).await, lease("c", 1).await);
        assert_eq!((b.len(), c.len()), (6, 4));
        let mut all = [lease("a", 2).await, b, c].concat();
        all.sort_unstable();
        assert_eq!(all, (0..SHARDS).collect::<Vec<_>>(), "each shard has one holder");
        // b and c are not heard of any more.
        assert_eq!(lease("a", 4).await.len(), 16);
    }
}
