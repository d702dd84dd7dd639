//! Everything around the service: NATS, the peers, and a database for each kind.

use std::{net::SocketAddr, sync::Arc};

use futures::TryStreamExt;
use harness::{Authority, Database, Identity, Nats, databases, serve, until};
use kernel::{Clock, OrganisationId, VariantId};
use order::Config;
use proto::{
    catalog::v1::pricing_service_server::PricingServiceServer,
    logistics::v1::reservation_service_server::ReservationServiceServer,
    order::v1::{Checkout, CheckoutLine, CreateCheckoutRequest, GetCheckoutRequest, GetOrderRequest, ListOrdersRequest, Order, OrderState},
    payment::v1::intent_service_server::IntentServiceServer,
    postal::v1::Address,
};
use runtime::SystemClock;
use tonic::{Status, service::Routes};

use crate::{
    instance::{Client, Instance},
    peers::{Catalog, Logistics, Payment, catalog::Listing},
};

pub(crate) struct World {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) logistics: Arc<Logistics>,
    pub(crate) payment: Arc<Payment>,
    pub(crate) database: Database,
    pub(crate) nats: Nats,
    peers: [(&'static str, SocketAddr); 4],
    authority: Arc<Authority>,
}

/// One world for each kind of database at hand.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases().await {
        worlds.push(World::around(database).await);
    }
    worlds
}

/// Short times, so that tests need not wait for them.
pub(crate) fn quick() -> Config {
    Config {
        quotation_shortest_s: 1,
        step_timeout_ms: 1_000,
        saga_recovery_s: 1,
        ..Config::default()
    }
}

impl World {
    pub(crate) async fn around(database: Database) -> Self {
        let nats = Nats::start().await;
        let catalog = Arc::<Catalog>::default();
        let logistics = Logistics::start(&nats).await;
        let payment = Payment::start(&nats).await;
        let routes = Routes::new(PricingServiceServer::from_arc(Arc::clone(&catalog)))
            .add_service(ReservationServiceServer::from_arc(Arc::clone(&logistics)))
            .add_service(IntentServiceServer::from_arc(Arc::clone(&payment)));
        let address = serve(routes).await;
        let identity = Identity::start().await;
        Self {
            catalog,
            logistics,
            payment,
            database,
            nats,
            peers: [
                ("identity", identity),
                ("catalog", address),
                ("logistics", address),
                ("payment", address),
            ],
            authority: Arc::default(),
        }
    }

    /// An instance of the service on this world's database; several are replicas, and one after another are restarts.
    pub(crate) async fn instance(&self, config: Config) -> Instance {
        let settings = self.authority.settings("order", self.database.url(), &self.nats.url(), &self.peers);
        Instance::start(Arc::clone(&self.authority), settings, config).await
    }

    /// Whether the service has digested everything that a peer published, and something at least.
    pub(crate) async fn has_heard(&self, domain: &str) -> bool {
        let consumer = self.consumer(domain).await;
        consumer.ack_floor.stream_sequence > 0 && consumer.num_pending == 0 && consumer.num_ack_pending == 0
    }

    /// How many timers are on the clock of which this holds.
    pub(crate) async fn timers(&self, which: &str) -> i64 {
        self.database.count(&format!("timers WHERE {which}")).await
    }

    /// The clock that set these timers was ahead: for the present one they are due.
    pub(crate) async fn make_due(&self, kind: &str) {
        let text = format!("UPDATE timers SET due = 0 WHERE kind = '{kind}'");
        self.database.execute(&text).await;
    }

    /// Waits until everything was told and heard. Nothing may be left undigested.
    pub(crate) async fn rests(&self) {
        until("the outbox is drained", || async {
            self.database.count("outbox WHERE published IS NULL").await == 0
        })
        .await;
        for domain in ["payment", "logistics", "catalog"] {
            until("the peers are heard", || async {
                let consumer = self.consumer(domain).await;
                consumer.num_pending == 0 && consumer.num_ack_pending == 0
            })
            .await;
        }
        assert_eq!(self.database.count("dead_letters").await, 0);
    }

    async fn consumer(&self, domain: &str) -> async_nats::jetstream::consumer::Info {
        let client = self.nats.client().await;
        let stream = async_nats::jetstream::new(client).get_stream(domain).await.unwrap();
        let mut consumers = stream.consumers();
        consumers
            .try_next()
            .await
            .unwrap()
            .expect("order hears of each of its peers, and nobody else does here")
    }

    /// Goods that are listed and in stock.
    pub(crate) fn goods(&self, seller: OrganisationId, price: i64, stock: i64) -> VariantId {
        self.listed(Listing::new(seller, price), stock)
    }

    pub(crate) fn listed(&self, listing: Listing, stock: i64) -> VariantId {
        let variant = self.catalog.list(listing);
        self.logistics.stock(variant, stock);
        variant
    }
}

pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::at(SystemClock.now())
}

pub(crate) fn address() -> Address {
    Address {
        recipient: "A. Buyer".to_owned(),
        lines: vec!["1 Quay".to_owned()],
        city: "Hamburg".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    }
}

/// A request for these goods under this key.
pub(crate) fn request(key: &str, lines: &[(VariantId, i64)]) -> CreateCheckoutRequest {
    let lines = lines.iter().map(|(variant, quantity)| CheckoutLine {
        variant_id: variant.to_string(),
        quantity: *quantity,
    });
    CreateCheckoutRequest {
        request_id: key.to_owned(),
        lines: lines.collect(),
        quotation_ids: Vec::new(),
        ship_to: Some(address()),
        ..CreateCheckoutRequest::default()
    }
}

impl Client {
    pub(crate) async fn check_out(&self, request: CreateCheckoutRequest) -> Result<Checkout, Status> {
        self.checkouts
            .clone()
            .create_checkout(request)
            .await
            .map(tonic::Response::into_inner)
    }

    pub(crate) async fn checkout(&self, id: &str) -> Result<Checkout, Status> {
        let request = GetCheckoutRequest {
            checkout_id: id.to_owned(),
        };
        self.checkouts.clone().get_checkout(request).await.map(tonic::Response::into_inner)
    }

    /// The orders that it bought, or sold.
    pub(crate) async fn list(&self, side: &str) -> Vec<Order> {
        let request = ListOrdersRequest {
            side: side.to_owned(),
            ..ListOrdersRequest::default()
        };
        self.orders.clone().list_orders(request).await.unwrap().into_inner().orders
    }

    pub(crate) async fn order(&self, id: &str) -> Order {
        let request = GetOrderRequest { order_id: id.to_owned() };
        self.orders.clone().get_order(request).await.unwrap().into_inner()
    }

    /// Waits until an order is in a state.
    pub(crate) async fn until(&self, order: &str, state: OrderState) -> Order {
        until(&format!("{order} is {state:?}"), || async {
            self.order(order).await.state() == state
        })
        .await;
        self.order(order).await
    }
}
