//! The other side: an order service of the tests' own, which tells facts through its own outbox and a real broker.

use events::Bus;
use harness::Database;
use kernel::{CheckoutId, OrganisationId, Time};
use proto::order::v1::{CheckoutFailed, OrderChanged, OrderedLine};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use std::{convert::Infallible, sync::Arc};
use store::{Cause, Fact, Keys, Options, Store};
use uuid::Uuid;

use crate::world::Wanted;

struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

/// Tells facts about orders.
pub(crate) struct Orders {
    store: Store,
    _database: Database,
}

impl Orders {
    pub(crate) async fn start(bus: &Bus) -> Self {
        let database = Database::sqlite();
        let clock = Arc::new(kernel::ManualClock::at(Time::from_micros(1)));
        let store = Store::open::<NoTables>(database.url(), Options::new(clock)).await.unwrap();
        bus.relay(&store, "order").await.unwrap();
        Self {
            store,
            _database: database,
        }
    }

    /// Tells something about an order, such as `order.v1.paid`.
    pub(crate) async fn tell(&self, subject: &'static str, checkout: CheckoutId, wanted: &Wanted) {
        let lines = wanted.lines.iter().map(|(variant, quantity)| OrderedLine {
            variant_id: variant.to_string(),
            product_id: String::new(),
            quantity: *quantity,
        });
        let body = OrderChanged {
            order_id: wanted.order.to_string(),
            checkout_id: checkout.to_string(),
            buyer_id: wanted.buyer.to_string(),
            seller_id: wanted.seller.to_string(),
            lines: lines.collect(),
            ..OrderChanged::default()
        };
        self.emit(Fact::new(subject, wanted.order, [wanted.buyer, wanted.seller], &body))
            .await;
    }

    pub(crate) async fn checkout_failed(&self, checkout: CheckoutId) {
        let body = CheckoutFailed {
            checkout_id: checkout.to_string(),
            ..CheckoutFailed::default()
        };
        self.emit(Fact::new("order.v1.checkout_failed", checkout, [], &body)).await;
    }

    async fn emit(&self, fact: Fact) {
        let cause = Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Tell", "", &());
        let telling = self.store.execute::<(), Infallible, _>(cause, Keys::new(), move |work| {
            work.emit(fact.clone());
            Ok(())
        });
        telling.await.unwrap();
    }
}
