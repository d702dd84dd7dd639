//! A replica of logistics with its clients, and the parties that use it.

use std::{sync::Arc, time::Duration};

use harness::{Authority, Bearer, Database, Nats, channel, usd};
use kernel::{CheckoutId, ManualClock, OrderId, OrganisationId, Time, VariantId};
use logistics::{Carrier, Config};
use proto::{
    logistics::v1::{
        CreateWarehouseRequest, FreightRate, LineToReserve, OrderToReserve, ReceiveStockRequest, ReserveRequest, ReserveResponse, Stock,
        Warehouse, carrier_service_client::CarrierServiceClient, reservation_service_client::ReservationServiceClient,
        shipment_service_client::ShipmentServiceClient, stock_service_client::StockServiceClient,
        warehouse_service_client::WarehouseServiceClient,
    },
    operations::v1::{RunAuditRequest, operations_service_client::OperationsServiceClient},
    postal::v1::Address,
};
use runtime::Secret;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};
use uuid::Uuid;

use crate::order::Orders;

/// The sandbox carrier's secret, 24 bytes.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

type Calling = InterceptedService<Channel, Bearer>;

/// One replica, its clock, and a broker between it and order.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) orders: Arc<Orders>,
    pub(crate) database: Arc<Database>,
    nats: Arc<Nats>,
    authority: Arc<Authority>,
    channel: Channel,
}

/// What a reservation asks for: a seller, a buyer, and pieces of variants.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) order: OrderId,
    pub(crate) seller: OrganisationId,
    pub(crate) buyer: OrganisationId,
    pub(crate) lines: Vec<(VariantId, i64)>,
}

/// 2026-02-02T01:00:00Z
pub(crate) fn start() -> Time {
    Time::from_micros(1_769_994_000_000_000)
}

pub(crate) fn somebody() -> OrganisationId {
    OrganisationId::at(start())
}

pub(crate) fn something() -> VariantId {
    VariantId::at(start())
}

pub(crate) fn a_checkout() -> CheckoutId {
    CheckoutId::at(start())
}

pub(crate) fn wanted(seller: OrganisationId, lines: &[(VariantId, i64)]) -> Wanted {
    Wanted {
        order: OrderId::at(start()),
        seller,
        buyer: somebody(),
        lines: lines.to_vec(),
    }
}

pub(crate) fn rate(countries: &[&str], base: i64, per_kg: i64) -> FreightRate {
    FreightRate {
        countries: countries.iter().map(|code| (*code).to_owned()).collect(),
        base: usd(base),
        per_kg: usd(per_kg),
    }
}

pub(crate) fn address(country: &str) -> Option<Address> {
    Some(Address {
        recipient: "Harbour Goods".to_owned(),
        lines: vec!["Quay 7".to_owned()],
        city: "Port".to_owned(),
        country: country.to_owned(),
        ..Address::default()
    })
}

pub(crate) fn request(checkout: CheckoutId, orders: &[Wanted]) -> ReserveRequest {
    let orders = orders.iter().map(|wanted| OrderToReserve {
        order_id: wanted.order.to_string(),
        seller_id: wanted.seller.to_string(),
        buyer_id: wanted.buyer.to_string(),
        lines: wanted
            .lines
            .iter()
            .map(|(variant, quantity)| LineToReserve {
                variant_id: variant.to_string(),
                quantity: *quantity,
                weight_mg: 400_000,
            })
            .collect(),
        freight_agreed: false,
    });
    ReserveRequest {
        checkout_id: checkout.to_string(),
        orders: orders.collect(),
        ship_to_country: "DE".to_owned(),
        currency: "USD".to_owned(),
        expire_time: Some(runtime::timestamp(start().plus(Duration::from_secs(3_600)))),
    }
}

impl World {
    pub(crate) async fn open(database: Database) -> Self {
        Self::with(database, true).await
    }

    /// With the sandbox carrier or without, whose secret is known either way.
    pub(crate) async fn with(database: Database, sandbox: bool) -> Self {
        let clock = Arc::new(ManualClock::at(start()));
        let (authority, nats) = (Arc::new(Authority::at(clock.clone())), Arc::new(Nats::start().await));
        Self {
            channel: run(&authority, &database, &nats, sandbox).await,
            orders: Arc::new(Orders::start(&nats).await),
            database: Arc::new(database),
            clock,
            nats,
            authority,
        }
    }

    /// Another replica beside this one.
    pub(crate) async fn replica(&self) -> Self {
        Self {
            channel: run(&self.authority, &self.database, &self.nats, true).await,
            ..self.clone()
        }
    }

    fn calling(&self, organisation: OrganisationId) -> Calling {
        InterceptedService::new(self.channel.clone(), self.authority.bearer(organisation))
    }

    pub(crate) fn warehouses(&self, owner: OrganisationId) -> WarehouseServiceClient<Calling> {
        WarehouseServiceClient::new(self.calling(owner))
    }

    pub(crate) fn stocks(&self, owner: OrganisationId) -> StockServiceClient<Calling> {
        StockServiceClient::new(self.calling(owner))
    }

    pub(crate) fn shipments(&self, party: OrganisationId) -> ShipmentServiceClient<Calling> {
        ShipmentServiceClient::new(self.calling(party))
    }

    /// Carriers have no token: they sign what they say.
    pub(crate) fn carriers(&self) -> CarrierServiceClient<Channel> {
        CarrierServiceClient::new(self.channel.clone())
    }

    pub(crate) fn reservations(&self) -> ReservationServiceClient<Calling> {
        let bearer = self.authority.service_bearer("order", "logistics");
        ReservationServiceClient::new(InterceptedService::new(self.channel.clone(), bearer))
    }

    pub(crate) async fn warehouse(&self, owner: OrganisationId, country: &str, rates: Vec<FreightRate>) -> Warehouse {
        let request = CreateWarehouseRequest {
            request_id: String::new(),
            name: format!("In {country}"),
            address: address(country),
            freight_rates: rates,
        };
        self.warehouses(owner).create_warehouse(request).await.unwrap().into_inner()
    }

    pub(crate) async fn receive(&self, warehouse: &Warehouse, variant: VariantId, quantity: i64) -> Stock {
        let request = ReceiveStockRequest {
            request_id: String::new(),
            warehouse_id: warehouse.id.clone(),
            variant_id: variant.to_string(),
            quantity,
            note: String::new(),
        };
        let owner = warehouse.owner_id.parse().unwrap();
        self.stocks(owner).receive_stock(request).await.unwrap().into_inner()
    }

    /// A seller with so many pieces of something in a warehouse in China that ships for 500 and 100 a kilogram.
    pub(crate) async fn seller_with(&self, pieces: i64) -> (OrganisationId, VariantId) {
        let (seller, variant) = (somebody(), something());
        let warehouse = self.warehouse(seller, "CN", vec![rate(&[], 500, 100)]).await;
        self.receive(&warehouse, variant, pieces).await;
        (seller, variant)
    }

    pub(crate) async fn reserve(&self, checkout: CheckoutId, orders: &[Wanted]) -> Result<ReserveResponse, Status> {
        let response = self.reservations().reserve(request(checkout, orders)).await?;
        Ok(response.into_inner())
    }

    /// (on hand, reserved)
    pub(crate) async fn levels(&self, owner: OrganisationId, variant: VariantId) -> (i64, i64) {
        let request = proto::logistics::v1::GetStockRequest {
            variant_id: variant.to_string(),
        };
        let stock = self.stocks(owner).get_stock(request).await.unwrap().into_inner();
        assert_eq!(stock.available, stock.on_hand - stock.reserved);
        (stock.on_hand, stock.reserved)
    }

    /// What was told, oldest first: subjects and whom they are about.
    pub(crate) async fn told(&self) -> Vec<(String, Uuid)> {
        let db = self.database.behind().await;
        let all = Statement::from_string(
            db.get_database_backend(),
            "SELECT subject, aggregate FROM outbox ORDER BY created, id",
        );
        let rows = db.query_all_raw(all).await.unwrap();
        let told = |row: &QueryResult| (row.try_get("", "subject").unwrap(), row.try_get("", "aggregate").unwrap());
        rows.iter().map(told).collect()
    }

    /// How often a subject was told about an order or another aggregate.
    pub(crate) async fn count_told(&self, subject: &str, aggregate: impl Into<Uuid>) -> usize {
        let wanted = (subject.to_owned(), aggregate.into());
        self.told().await.iter().filter(|told| **told == wanted).count()
    }

    /// What the audit of the stock finds.
    pub(crate) async fn discrepancies(&self) -> Vec<String> {
        let request = RunAuditRequest {
            service: "logistics".to_owned(),
            audit: "stock".to_owned(),
            ..RunAuditRequest::default()
        };
        let mut operations = OperationsServiceClient::new(self.channel.clone());
        let report = operations.run_audit(self.authority.operator(somebody(), request)).await.unwrap();
        report.into_inner().findings
    }

    pub(crate) async fn ledger_agrees(&self) {
        assert_eq!(self.discrepancies().await, Vec::<String>::new());
    }
}

/// Starts a replica; the way to it.
async fn run(authority: &Authority, database: &Database, nats: &Nats, sandbox: bool) -> Channel {
    let secret = Secret::new(SECRET);
    let carriers = [("sandbox".to_owned(), Carrier { secret }), ("quiet".to_owned(), Carrier::default())];
    let config = Config {
        sandbox,
        carriers: carriers.into_iter().collect(),
    };
    let settings = authority.settings("logistics", database.url(), &nats.url(), &[]);
    let start = authority.start("logistics", settings, config).await;
    let address = start.address();
    tokio::spawn(logistics::run(start));
    channel(address)
}
