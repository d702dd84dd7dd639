//! Another service as far as its events go: they leave an outbox of its own, by a relay of its own, as those of the real one do.

use std::{convert::Infallible, sync::Arc};

use events::{Bus, Consumer};
use prost::Message;
use runtime::SystemClock;
use store::{Cause, Fact, Keys, Store};
use uuid::Uuid;

use crate::{Database, Nats};

/// Tells what happens in a domain.
pub struct Outbox {
    domain: &'static str,
    bus: Bus,
    store: Store,
    _database: Database,
}

impl Outbox {
    /// That of a domain such as `order`.
    pub async fn of(domain: &'static str, nats: &Nats) -> Self {
        let database = Database::sqlite();
        let store = database.store(Arc::new(SystemClock)).await;
        let bus = Bus::connect(&nats.url()).await.unwrap();
        bus.relay(&store, domain).await.unwrap();
        Self {
            domain,
            bus,
            store,
            _database: database,
        }
    }

    /// Tells what happened to an aggregate, on a subject such as `order.v1.paid`.
    pub async fn tell(&self, subject: &'static str, aggregate: impl Into<Uuid>, body: &impl Message) {
        self.tell_at_once([Fact::new(subject, aggregate, [], body)]).await;
    }

    /// Tells facts that happened in the same microsecond.
    pub async fn tell_at_once(&self, facts: impl IntoIterator<Item = Fact>) {
        tell(&self.store, facts).await;
    }

    /// What the same service hears of another domain, for one that answers.
    pub fn consume(&self, domain: &'static str) -> Consumer {
        self.bus.consume(&self.store, self.domain, domain)
    }
}

/// Writes facts into the outbox of this store, for whoever relays it.
pub async fn tell(store: &Store, facts: impl IntoIterator<Item = Fact>) {
    let facts: Vec<Fact> = facts.into_iter().collect();
    let told = store.execute::<(), Infallible, _>(Cause::step("tell", Uuid::new_v4()), Keys::new(), move |work| {
        facts.iter().for_each(|fact| work.emit(fact.clone()));
        Ok(())
    });
    told.await.unwrap();
}
