//! From one store to another, over a real NATS server.

#![allow(clippy::unwrap_used)]

mod health;
mod operations;
mod settings;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use events::{Begin, Bus, Event, Failure, Follower};
use harness::{Database, Nats, databases, until};
use kernel::{Clock, ManualClock, OrganisationId, Time};
use runtime::SystemClock;
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::{Cause, Fact, Keys, Options, Store};
use uuid::Uuid;

struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

async fn open(database: &Database) -> Store {
    let clock = Arc::new(ManualClock::at(Time::from_micros(1_700_000_000_000_000)));
    Store::open::<NoTables>(database.url(), Options::new(clock)).await.unwrap()
}

async fn tell(store: &Store, aggregate: u128, number: u64) {
    let cause = Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Tell", "", &());
    let tell = move |work: &mut store::Work| {
        work.emit(Fact::new("bank.v1.taken", Uuid::from_u128(aggregate), [], &number));
        Ok(())
    };
    store
        .execute::<(), std::convert::Infallible, _>(cause, Keys::new(), tell)
        .await
        .unwrap();
}

/// Writes down what it hears, once for each event.
#[derive(Clone, Default)]
struct Listener {
    heard: Arc<Mutex<Vec<u64>>>,
    deaf: Arc<AtomicBool>,
    busy: Arc<AtomicBool>,
}

impl Listener {
    async fn listen(&self, bus: &Bus, store: &Store) -> events::Consumer {
        let (listener, own) = (self.clone(), store.clone());
        bus.consume(store, "listener", "bank").on("bank.v1.taken", move |event: Event| {
            let (listener, store) = (listener.clone(), own.clone());
            async move {
                let number: u64 = event.decode()?;
                if listener.deaf.load(Ordering::SeqCst) && number == 13 {
                    return Err(Failure::new("not thirteen"));
                }
                if listener.busy.load(Ordering::SeqCst) && number == 13 {
                    return Err(Failure::passing("thirteen has to wait"));
                }
                let heard = Arc::clone(&listener.heard);
                let hear = move |_: &mut store::Work| {
                    heard.lock().unwrap().push(number);
                    Ok(())
                };
                store
                    .execute::<(), std::convert::Infallible, _>(event.cause(), Keys::new(), hear)
                    .await?;
                Ok(())
            }
        })
    }

    fn heard(&self) -> Vec<u64> {
        let mut heard = self.heard.lock().unwrap().clone();
        heard.sort_unstable();
        heard
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_heard_once_in_the_order_of_its_aggregate() {
    for (database, other) in databases().await.into_iter().zip(databases().await) {
        let nats = Nats::start().await;
        let (teller, hearer) = (open(&database).await, open(&other).await);
        let bus = Bus::connect(&nats.url()).await.unwrap();
        bus.relay(&teller, "bank").await.unwrap();
        let listener = Listener::default();
        listener.listen(&bus, &hearer).await.start().await.unwrap();
        for number in 0..50 {
            tell(&teller, 7, number).await;
        }
        until("fifty events are heard", || async { listener.heard.lock().unwrap().len() == 50 }).await;
        assert_eq!(*listener.heard.lock().unwrap(), (0..50).collect::<Vec<_>>());
        until("the outbox is drained", || async { teller.outbox().backlog().await.unwrap() == 0 }).await;
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
        let relays = "SELECT count(DISTINCT holder) AS relays FROM relay_leases WHERE shard >= 0";
        until("both relays have shards", || async {
            let db = replicas[0].db();
            let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), relays)).await;
            row.unwrap().unwrap().try_get::<i64>("", "relays").unwrap() == 2
        })
        .await;

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
        let drained = async |told: &Store| until("the outbox is drained", || async { told.outbox().backlog().await.unwrap() == 0 }).await;
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
    let mut nats = Nats::start().await;
    let (teller, hearer) = (Database::sqlite(), Database::sqlite());
    let (teller, hearer) = (open(&teller).await, open(&hearer).await);
    let bus = Bus::connect(&nats.url()).await.unwrap();
    bus.relay(&teller, "bank").await.unwrap();
    for number in 0..10 {
        tell(&teller, 7, number).await;
    }
    until("the outbox is drained", || async { teller.outbox().backlog().await.unwrap() == 0 }).await;
    until("the relay remembers the stream", || async {
        teller.outbox().stream("bank").await.unwrap().is_some()
    })
    .await;
    // Nobody has listened yet, and now the broker forgets everything.
    nats.lose();
    nats.resume().await;
    let listener = Listener::default();
    listener.listen(&bus, &hearer).await.start().await.unwrap();
    tell(&teller, 7, 10).await;
    until("all is heard again", || async { listener.heard().len() >= 11 }).await;
    assert_eq!(listener.heard(), (0..11).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_the_end_of_its_stream_is_told_it_again() {
    let mut nats = Nats::start().await;
    let (teller, hearer) = (Database::sqlite(), Database::sqlite());
    let (teller, hearer) = (open(&teller).await, open(&hearer).await);
    let bus = Bus::connect(&nats.url()).await.unwrap();
    bus.relay(&teller, "bank").await.unwrap();
    let told = "the outbox is drained";
    tell(&teller, 7, 0).await;
    until(told, || async { teller.outbox().backlog().await.unwrap() == 0 }).await;
    until("the relay remembers the stream with its event", || async {
        teller.outbox().stream("bank").await.unwrap().is_some_and(|(_, last)| last == 1)
    })
    .await;
    nats.remember().await;
    tell(&teller, 7, 1).await;
    until(told, || async { teller.outbox().backlog().await.unwrap() == 0 }).await;
    // The relay may not have looked at the stream since: it knows what was acknowledged.
    nats.forget();
    nats.resume().await;
    let listener = Listener::default();
    listener.listen(&bus, &hearer).await.start().await.unwrap();
    until("all is heard", || async { listener.heard().len() >= 2 }).await;
    assert_eq!(listener.heard(), [0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_events_queue_behind_a_dead_letter_until_it_is_redriven() {
    let nats = Nats::start().await;
    let (teller, hearer) = (Database::sqlite(), Database::sqlite());
    let (teller, hearer) = (open(&teller).await, open(&hearer).await);
    let bus = Bus::connect(&nats.url()).await.unwrap();
    bus.relay(&teller, "bank").await.unwrap();
    let listener = Listener::default();
    listener.deaf.store(true, Ordering::SeqCst);
    listener.listen(&bus, &hearer).await.start().await.unwrap();
    tell(&teller, 7, 12).await;
    tell(&teller, 7, 13).await;
    tell(&teller, 7, 14).await;
    tell(&teller, 8, 20).await;
    let letters = hearer.dead_letters("bank");
    until("two letters wait", || async { letters.count().await.unwrap() == 2 }).await;
    until("the other aggregate is not held up", || async { listener.heard() == [12, 20] }).await;
    let all = hearer.desk().list(None, true, None, 10).await.unwrap();
    let errors: Vec<&str> = all.iter().map(|letter| letter.dead.error.as_str()).collect();
    assert_eq!(errors, ["not thirteen", ""]);

    let heads = hearer.desk().list(None, false, None, 10).await.unwrap();
    assert_eq!(
        heads.iter().map(|head| (head.dead.tries, head.behind)).collect::<Vec<_>>(),
        [(5, 1)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_has_to_wait_holds_up_its_own_aggregate_only() {
    let nats = Nats::start().await;
    let (teller, hearer) = (Database::sqlite(), Database::sqlite());
    let (teller, hearer) = (open(&teller).await, open(&hearer).await);
    let bus = Bus::connect(&nats.url()).await.unwrap();
    bus.relay(&teller, "bank").await.unwrap();
    let listener = Listener::default();
    listener.busy.store(true, Ordering::SeqCst);
    listener.listen(&bus, &hearer).await.start().await.unwrap();
    for (aggregate, number) in [(7, 12), (7, 13), (7, 14), (8, 20)] {
        tell(&teller, aggregate, number).await;
    }
    until("the other aggregate is heard", || async { listener.heard() == [12, 20] }).await;
    tell(&teller, 8, 21).await;
    until("what comes later is heard as well", || async { listener.heard() == [12, 20, 21] }).await;
    listener.busy.store(false, Ordering::SeqCst);
    until("nothing waits any more", || async { listener.heard() == [12, 13, 14, 20, 21] }).await;
    let of_seven: Vec<u64> = listener
        .heard
        .lock()
        .unwrap()
        .iter()
        .copied()
        .filter(|number| *number < 20)
        .collect();
    assert_eq!(of_seven, [12, 13, 14]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_begins_where_it_is_told_and_breaks_with_its_broker() {
    let mut nats = Nats::start().await;
    let teller = Database::sqlite();
    let teller = open(&teller).await;
    let bus = Bus::connect(&nats.url()).await.unwrap();
    bus.relay(&teller, "bank").await.unwrap();
    let empty = bus.history("bank").await.unwrap();
    assert_eq!((empty.first, empty.last), (1, 0));
    for number in 0..5 {
        tell(&teller, 7, number).await;
    }
    until("the outbox is drained", || async { teller.outbox().backlog().await.unwrap() == 0 }).await;
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
    tell(&teller, 7, 5).await;
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

    nats.kill();
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
