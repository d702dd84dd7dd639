//! Wiring: database, events, cache and RPCs.

use std::sync::Arc;

use ::store::{Options, Store};
use events::Bus;
use proto::catalog::v1::{
    category_service_server::CategoryServiceServer, pricing_service_server::PricingServiceServer, store_service_server::StoreServiceServer,
};
use runtime::{Error, Start, telemetry};
use serde::Deserialize;
use tonic::service::Routes;

use crate::{
    api::{Api, Encoding},
    cache::Cache,
    store::migrations::Migrator,
};

/// The catalog's own settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {}

/// Runs the service until the process is told to end.
///
/// # Errors
/// A database or event bus that cannot be had.
pub async fn run(start: Start<Config>) -> Result<(), Error> {
    let options = Options {
        lanes: start.settings.lanes,
        traceparent: telemetry::traceparent,
        ..Options::new(Arc::clone(&start.clock))
    };
    let store = Store::open::<Migrator>(start.settings.database.reveal(), options)
        .await
        .map_err(|error| Error::Database(error.to_string()))?;
    let bus = Bus::connect(&start.settings.nats).await?;
    bus.relay(&store, "catalog").await?;
    let cache = Cache::new(store.clone());
    tokio::spawn(cache.clone().follow(bus));

    let api = Arc::new(Api::new(store, cache));
    let routes = Routes::new(StoreServiceServer::from_arc(Arc::clone(&api)))
        .add_service(CategoryServiceServer::from_arc(Arc::clone(&api)))
        .add_service(Encoding::new(Arc::clone(&api)))
        .add_service(PricingServiceServer::from_arc(api));
    start.serve(routes).await
}
