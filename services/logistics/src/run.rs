//! Wiring: database, events, timers and RPCs.

use std::{collections::BTreeMap, sync::Arc};

use ::store::{DueTimer, Options, Store, Timers};
use events::{Bus, Operations, Relaying};
use kernel::OrderId;
use proto::logistics::v1::{
    carrier_service_server::CarrierServiceServer, reservation_service_server::ReservationServiceServer,
    shipment_service_server::ShipmentServiceServer, stock_service_server::StockServiceServer,
    warehouse_service_server::WarehouseServiceServer,
};
use runtime::{Error, Settings, Start, with};
use serde::Deserialize;
use tonic::service::Routes;

use crate::{
    api::Api,
    audits,
    carriers::{Carrier, Carriers},
    consumers,
    networks::Networks,
    store::migrations::Migrator,
    told,
};

/// Logistics' own settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether there is a carrier `sandbox`, for trying things out: it makes its own tracking numbers, and nothing travels. It takes no reports until it has
    /// a secret among the carriers.
    pub sandbox: bool,
    /// The carriers by their codes.
    pub carriers: BTreeMap<String, Carrier>,
}

/// The service without a network around it: its RPCs, over an open store.
#[derive(Clone)]
pub struct Service {
    pub(crate) api: Arc<Api>,
}

impl Service {
    /// Opens the database and migrates it.
    ///
    /// # Errors
    /// A database that cannot be had, or a carrier's secret that is none.
    pub async fn open(database: &str, options: Options, config: &Config) -> Result<Self, Error> {
        let carriers = carriers(config)?;
        let store = Store::open::<Migrator>(database, options).await?;
        let networks = Arc::new(Networks::new(store.clone()));
        Ok(Self {
            api: Arc::new(Api::new(store, networks, carriers)),
        })
    }

    /// Keeps an eye on other replicas' warehouses, for as long as it is polled: without that, every reservation reads them.
    pub fn watch_warehouses(&self) -> impl Future<Output = ()> + Send + use<> {
        Arc::clone(&self.api.networks).keep_asking()
    }

    /// Keeps deadlines, for as long as it is polled.
    pub fn keep_deadlines(&self) -> impl Future<Output = ()> + Send + use<> {
        let expire = |api: Arc<Api>, due: DueTimer| async move {
            let order = OrderId::from_uuid(due.aggregate);
            told::expire(&api.store, &api.networks, order).await
        };
        Timers::new(self.store()).on(told::EXPIRY, with(&self.api, expire)).run()
    }

    /// The store, for whoever relays, reads or audits.
    pub fn store(&self) -> &Store {
        &self.api.store
    }

    /// Every RPC.
    pub fn routes(&self) -> Routes {
        Routes::new(WarehouseServiceServer::from_arc(Arc::clone(&self.api)))
            .add_service(StockServiceServer::from_arc(Arc::clone(&self.api)))
            .add_service(ReservationServiceServer::from_arc(Arc::clone(&self.api)))
            .add_service(ShipmentServiceServer::from_arc(Arc::clone(&self.api)))
            .add_service(CarrierServiceServer::from_arc(Arc::clone(&self.api)))
    }

    /// Starts to tell others what happened here, and to hear what happened elsewhere.
    ///
    /// # Errors
    /// A stream or consumer that cannot be had.
    pub async fn connect(&self, bus: &Bus) -> Result<Relaying, Error> {
        let relay = bus.relay(self.store(), "logistics").await?;
        consumers::start(bus, &self.api).await?;
        Ok(relay)
    }
}

/// Whether the service could start with these settings, as far as that can be told without anybody else.
///
/// # Errors
/// The first setting that it could not start with.
pub fn check(settings: &Settings, config: &Config) -> Result<(), Error> {
    events::check(settings)?;
    carriers(config).map(drop)
}

fn carriers(config: &Config) -> Result<Carriers, Error> {
    let carriers = Carriers::new(config);
    carriers.map_err(|(code, error)| Error::Configuration(format!("logistics.carriers.{code}.secret: {error}")))
}

/// Runs the service until the process is told to end.
///
/// # Errors
/// A database, event bus or setting that cannot be had.
pub async fn run(mut start: Start<Config>) -> Result<(), Error> {
    let service = Service::open(start.settings.database.reveal(), Options::of(&start), &start.config).await?;
    let bus = Bus::of(&start).await?;
    let relay = service.connect(&bus).await?;
    start.beside(service.watch_warehouses());
    start.beside(service.keep_deadlines());
    let operations = audits::add(Operations::new("logistics", service.store(), &bus), service.store());
    let routes = service.routes().add_service(operations.server());
    relay.serve(start, routes).await
}
