//! What is committed is told and heard: once, in order, whatever the broker loses.

use std::{collections::HashMap, sync::atomic::Ordering, time::Duration};

use events::{Begin, Bus, Event, Follower};
use harness::{Nats, databases, until};
use kernel::Clock;
use runtime::SystemClock;
use uuid::Uuid;

use crate::world::{World, drained, open, tell, worlds};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_heard_once_in_the_order_of_its_aggregate() {
    for world in worlds().await {
        world.listens().await;
        world.tell(7, 0..50).await;
        until("fifty events are heard", || async { world.listener.heard().len() == 50 }).await;
        assert_eq!(world.listener.heard(), (0..50).collect::<Vec<_>>());
        world.drained().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_the_publishing_and_keep_the_order_of_each_aggregate() {
    for database in databases().await {
        let nats = Nats::start().await;
        let replicas = [open(&database).await, open(&database).await];
        let bus = Bus::connect(&nats.url()).await.unwrap();
        for replica in &replicas {
            bus.relay(replica, "bank").await.unwrap();
        }
        let relays = "SELECT count(DISTINCT holder) FROM relay_leases WHERE shard >= 0";
        until("both relays have shards", || async { database.number(relays).await == 2 }).await;

        let mut follower = bus.follow("bank", Begin::Now).await.unwrap();
        for number in 0..320 {
            tell(&replicas[number % 2], number as u128 % 16, number as u64).await;
        }
        let mut heard: HashMap<Uuid, Vec<u64>> = HashMap::new();
        while heard.values().map(Vec::len).sum::<usize>() < 320 {
            for (_, event) in follower.next().await.unwrap() {
                heard.entry(event.aggregate).or_default().push(event.decode().unwrap());
            }
        }
        for (aggregate, numbers) in heard {
            let told: Vec<u64> = (0..20).map(|round| round * 16 + aggregate.as_u128() as u64).collect();
            assert_eq!(numbers, told);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_ends_gives_its_shards_back() {
    for database in databases().await {
        let nats = Nats::start().await;
        // Their clock stands still, so that nothing expires.
        let [ending, staying] = [open(&database).await, open(&database).await];
        let bus = Bus::connect(&nats.url()).await.unwrap();
        let relay = bus.relay(&ending, "bank").await.unwrap();
        relay
            .during(async {
                tell(&ending, 7, 0).await;
                drained(&ending).await;
            })
            .await;
        bus.relay(&staying, "bank").await.unwrap();
        tell(&staying, 7, 1).await;
        drained(&staying).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_its_stream_is_told_again_and_nobody_hears_twice() {
    let mut world = World::new().await;
    world.tell(7, 0..10).await;
    world.drained().await;
    until("the relay remembers the stream", || async {
        world.teller.outbox().stream("bank").await.unwrap().is_some()
    })
    .await;
    // Nobody has listened yet, and now the broker forgets everything.
    world.nats.lose();
    world.nats.resume().await;
    world.listens().await;
    world.tell(7, [10]).await;
    until("all is heard again", || async { world.listener.heard().len() >= 11 }).await;
    assert_eq!(world.listener.heard_sorted(), (0..11).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_the_end_of_its_stream_is_told_it_again() {
    let mut world = World::new().await;
    world.tell(7, [0]).await;
    world.drained().await;
    until("the relay remembers the stream with its event", || async {
        let stream = world.teller.outbox().stream("bank").await.unwrap();
        stream.is_some_and(|(_, last)| last == 1)
    })
    .await;
    world.nats.remember().await;
    world.tell(7, [1]).await;
    world.drained().await;
    // The relay may not have looked at the stream since: it knows what was acknowledged.
    world.nats.forget();
    world.nats.resume().await;
    world.listens().await;
    until("all is heard", || async { world.listener.heard().len() >= 2 }).await;
    assert_eq!(world.listener.heard_sorted(), [0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_events_queue_behind_a_dead_letter_until_it_is_redriven() {
    let world = World::new().await;
    world.listener.deaf.store(true, Ordering::SeqCst);
    world.listens().await;
    world.tell(7, [12, 13, 14]).await;
    world.tell(8, [20]).await;
    let letters = world.hearer.dead_letters("bank");
    until("two letters wait", || async { letters.count().await.unwrap() == 2 }).await;
    until("the other aggregate is not held up", || async {
        world.listener.heard_sorted() == [12, 20]
    })
    .await;
    let all = world.hearer.desk().list(None, true, None, 10).await.unwrap();
    let errors: Vec<&str> = all.iter().map(|letter| letter.dead.error.as_str()).collect();
    assert_eq!(errors, ["not thirteen", ""]);

    let heads = world.hearer.desk().list(None, false, None, 10).await.unwrap();
    assert_eq!(
        heads.iter().map(|head| (head.dead.tries, head.behind)).collect::<Vec<_>>(),
        [(5, 1)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_has_to_wait_holds_up_its_own_aggregate_only() {
    let world = World::new().await;
    let becomes = async |what: &str, heard: &[u64]| until(what, || async { world.listener.heard_sorted() == heard }).await;
    world.listener.busy.store(true, Ordering::SeqCst);
    world.listens().await;
    world.tell(7, [12, 13, 14]).await;
    world.tell(8, [20]).await;
    becomes("the other aggregate is heard", &[12, 20]).await;
    world.tell(8, [21]).await;
    becomes("what comes later is heard as well", &[12, 20, 21]).await;
    world.listener.busy.store(false, Ordering::SeqCst);
    becomes("nothing waits any more", &[12, 13, 14, 20, 21]).await;
    let mut of_seven = world.listener.heard();
    of_seven.retain(|number| *number < 20);
    assert_eq!(of_seven, [12, 13, 14]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_begins_where_it_is_told_and_breaks_with_its_broker() {
    let mut world = World::new().await;
    let bus = world.bus.clone();
    let empty = bus.history("bank").await.unwrap();
    assert_eq!((empty.first, empty.last), (1, 0));
    world.tell(7, 0..5).await;
    world.drained().await;
    let full = bus.history("bank").await.unwrap();
    assert_eq!((full.created, full.first, full.last), (empty.created, 1, 5));

    let mut late = bus.follow("bank", Begin::Sequence(3)).await.unwrap();
    let mut new = bus.follow("bank", Begin::Now).await.unwrap();
    let since = SystemClock.now().minus(Duration::from_secs(3_600));
    let mut recent = bus.follow("bank", Begin::Time(since)).await.unwrap();
    let ahead = SystemClock.now().plus(Duration::from_secs(3_600));
    let later = bus.follow("bank", Begin::Time(ahead)).await.unwrap();
    assert_eq!(
        [&late, &new, &recent, &later].map(Follower::has_caught_up),
        [false, true, false, true]
    );
    world.tell(7, [5]).await;
    let mut heard = Vec::new();
    while heard.len() < 4 {
        heard.extend(late.next().await.unwrap());
    }
    let numbers = |heard: &[(u64, Event)]| {
        heard
            .iter()
            .map(|(sequence, event)| (*sequence, event.decode().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&heard), [(3, 2u64), (4, 3), (5, 4), (6, 5)]);
    assert_eq!(numbers(&new.next().await.unwrap()), [(6, 5)]);
    let mut first = None;
    while !recent.has_caught_up() {
        first = first.or(recent.next().await.unwrap().first().map(|(sequence, _)| *sequence));
    }
    assert_eq!((first, late.has_caught_up()), (Some(1), true));

    world.nats.kill();
    assert!(new.next().await.is_err(), "a silent broker is noticed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_let_in_is_told_why_and_keeps_the_password() {
    let nats = Nats::start().await;
    let wrong = nats.url().replace("open%20sesame", "open%20says%20me");
    let said = Bus::connect(&wrong).await.err().unwrap().to_string();
    assert!(said.contains("authorization violation") && !said.contains("says"), "{said}");
    let said = Bus::connect("nats.example:nothing").await.err().unwrap().to_string();
    assert!(said.contains("nats://host:4222"), "{said}");
}
