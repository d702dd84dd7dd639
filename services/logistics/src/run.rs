//! Wiring: database, events, timers and RPCs.

use std::{collections::BTreeMap, sync::Arc};

use ::store::{DueTimer, Options, Store, Timers};
use events::{Bus, Operations};
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
    /// Whether there is a carrier `sandbox`, for trying things out: it makes its own tracking numbers, and nothing travels. It takes no
    /// reports until it has a secret among the carriers.
    pub sandbox: bool,
    /// The carriers by their codes.
    pub carriers: BTreeMap<String, Carrier>,
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
    let carriers = carriers(&start.config)?;
    let store = Store::open::<Migrator>(start.settings.database.reveal(), Options::of(&start)).await?;
    let bus = Bus::of(&start).await?;
    let relay = bus.relay(&store, "logistics").await?;

    let networks = Arc::new(Networks::new(store.clone()));
    let api = Arc::new(Api::new(store.clone(), Arc::clone(&networks), carriers));
    consumers::start(&bus, &api).await?;
    let expire = |api: Arc<Api>, due: DueTimer| async move {
        let order = OrderId::from_uuid(due.aggregate);
        told::expire(&api.store, &api.networks, order).await
    };
    start.beside(networks.keep_asking());
    start.beside(Timers::new(&store).on(told::EXPIRY, with(&api, expire)).run());

    let operations = audits::add(Operations::new("logistics", &store, &bus), &store);
    let routes = Routes::new(WarehouseServiceServer::from_arc(Arc::clone(&api)))
        .add_service(StockServiceServer::from_arc(Arc::clone(&api)))
        .add_service(ReservationServiceServer::from_arc(Arc::clone(&api)))
        .add_service(ShipmentServiceServer::from_arc(Arc::clone(&api)))
        .add_service(CarrierServiceServer::from_arc(api))
        .add_service(operations.server());
    relay.serve(start, routes).await
}
