//! The other services, as far as messaging hears of them: events leave an outbox of theirs.

use std::sync::Arc;

use events::Bus;
use harness::Database;
use kernel::{Clock, OrderId, OrganisationId};
use proto::{money::v1::Money, order::v1::OrderChanged};
use runtime::SystemClock;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::{Cause, Fact, Keys, Options, Store};
use uuid::Uuid;

use crate::setting::Setting;

struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

/// One of the other services.
pub(crate) struct Peer {
    store: Store,
    _database: Database,
}

impl Peer {
    pub(crate) async fn open(setting: &Setting, domain: &'static str) -> Self {
        let database = Database::sqlite();
        let options = Options::new(Arc::new(SystemClock));
        let store = Store::open::<NoTables>(database.url(), options).await.unwrap();
        let bus = Bus::connect(&setting.nats.url()).await.unwrap();
        bus.relay(&store, domain).await.unwrap();
        Self {
            store,
            _database: database,
        }
    }

    pub(crate) async fn tell(&self, subject: &'static str, aggregate: impl Into<Uuid>, body: &impl prost::Message) {
        self.tell_at_once(vec![Fact::new(subject, aggregate, [], body)]).await;
    }

    /// Facts that happened in the same microsecond.
    pub(crate) async fn tell_at_once(&self, facts: Vec<Fact>) {
        let cause = Cause::step("tell", Uuid::new_v4());
        let tell = move |work: &mut store::Work| Ok(facts.iter().for_each(|fact| work.emit(fact.clone())));
        self.store
            .execute::<(), std::convert::Infallible, _>(cause, Keys::new(), tell)
            .await
            .unwrap();
    }
}

/// An order of USD 12.50 between these two.
pub(crate) fn order(id: OrderId, buyer: OrganisationId, seller: OrganisationId) -> OrderChanged {
    OrderChanged {
        order_id: id.to_string(),
        buyer_id: buyer.to_string(),
        seller_id: seller.to_string(),
        total: usd(1_250),
        cancel_reason: "out_of_stock".to_owned(),
        ..OrderChanged::default()
    }
}

pub(crate) fn order_id() -> OrderId {
    OrderId::at(SystemClock.now())
}

pub(crate) fn usd(minor_units: i64) -> Option<Money> {
    Some(Money {
        minor_units,
        currency: "USD".to_owned(),
    })
}
