//! A bank that tells what is taken from its accounts, somebody who listens, and a broker between them.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use events::{Bus, Consumer, Event, Failure};
use harness::{Database, Nats, databases, until};
use kernel::{ManualClock, Time};
use store::{Fact, Keys, Store};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) nats: Nats,
    pub(crate) bus: Bus,
    pub(crate) teller: Store,
    pub(crate) hearer: Store,
    pub(crate) listener: Listener,
    _databases: [Database; 2],
}

/// One world on each kind of database at hand.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for databases in databases().await.into_iter().zip(databases().await) {
        worlds.push(World::on(databases.into()).await);
    }
    worlds
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on([Database::sqlite(), Database::sqlite()]).await
    }

    async fn on(databases: [Database; 2]) -> Self {
        let nats = Nats::start().await;
        let bus = Bus::connect(&nats.url()).await.unwrap();
        let (teller, hearer) = (open(&databases[0]).await, open(&databases[1]).await);
        bus.relay(&teller, "bank").await.unwrap();
        Self {
            nats,
            bus,
            teller,
            hearer,
            listener: Listener::default(),
            _databases: databases,
        }
    }

    /// From here on the hearer listens.
    pub(crate) async fn listens(&self) {
        self.listener.consumer(&self.bus, &self.hearer).start().await.unwrap();
    }

    pub(crate) async fn tell(&self, aggregate: u128, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            tell(&self.teller, aggregate, number).await;
        }
    }

    /// Waits until all that was told is with the broker.
    pub(crate) async fn drained(&self) {
        drained(&self.teller).await;
    }
}

/// A store whose clock stands still.
pub(crate) async fn open(database: &Database) -> Store {
    let clock = ManualClock::at(Time::from_micros(1_700_000_000_000_000));
    database.store(Arc::new(clock)).await
}

pub(crate) async fn tell(store: &Store, aggregate: u128, number: u64) {
    harness::tell(store, [Fact::new("bank.v1.taken", Uuid::from_u128(aggregate), [], &number)]).await;
}

pub(crate) async fn drained(store: &Store) {
    until("the outbox is drained", || async { store.outbox().backlog().await.unwrap() == 0 }).await;
}

/// Writes down what it hears, once for each event.
#[derive(Clone, Default)]
pub(crate) struct Listener {
    heard: Arc<Mutex<Vec<u64>>>,
    /// Cannot digest thirteen.
    pub(crate) deaf: Arc<AtomicBool>,
    /// Cannot digest thirteen yet.
    pub(crate) busy: Arc<AtomicBool>,
}

impl Listener {
    pub(crate) fn consumer(&self, bus: &Bus, store: &Store) -> Consumer {
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
                store.execute::<(), Infallible, _>(event.cause(), Keys::new(), hear).await?;
                Ok(())
            }
        })
    }

    /// In the order in which it came.
    pub(crate) fn heard(&self) -> Vec<u64> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn heard_sorted(&self) -> Vec<u64> {
        let mut heard = self.heard();
        heard.sort_unstable();
        heard
    }
}
