//! A peer's outbox: events leave it as those of the real services do.

use events::{Bus, Event};
use harness::Database;
use kernel::OrganisationId;
use prost::Message;
use runtime::SystemClock;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use std::sync::Arc;
use store::{Cause, Fact, Keys, Options, Store};
use uuid::Uuid;

struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

pub(crate) struct Outbox {
    pub(crate) store: Store,
    _database: Database,
}

impl Outbox {
    pub(crate) async fn open(bus: &Bus, domain: &'static str) -> Self {
        let database = Database::sqlite();
        let store = Store::open::<NoTables>(database.url(), Options::new(Arc::new(SystemClock)))
            .await
            .unwrap();
        bus.relay(&store, domain).await.unwrap();
        Self {
            store,
            _database: database,
        }
    }

    pub(crate) async fn emit(&self, subject: &'static str, aggregate: Uuid, owners: Vec<OrganisationId>, body: &impl Message) {
        let fact = Fact::new(subject, aggregate, owners, body);
        let emitted = self
            .store
            .execute::<(), Never, _>(Cause::step("emit", Uuid::new_v4()), Keys::new(), move |work| {
                work.emit(fact.clone());
                Ok(())
            });
        emitted.await.unwrap();
    }
}

#[derive(Debug)]
pub(crate) struct Never;

/// What an event of order says.
pub(crate) fn order(event: &Event) -> proto::order::v1::OrderChanged {
    event.decode().unwrap()
}
