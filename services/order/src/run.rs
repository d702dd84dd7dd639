//! Wiring: database, events, timers, peers and RPCs.

use std::sync::Arc;

use ::store::{Options, Store};
use events::{Bus, Operations};
use proto::order::v1::{
    cart_service_server::CartServiceServer, checkout_service_server::CheckoutServiceServer, order_service_server::OrderServiceServer,
    quotation_service_server::QuotationServiceServer,
};
use runtime::{Error, Settings, Start};
use tonic::service::Routes;

use crate::{
    api::Api,
    config::{Config, Terms},
    consumers,
    context::Context,
    peers::{self, Peers},
    saga::Saga,
    store::migrations::Migrator,
    timers::timers,
};

/// Whether the service could start with these settings, as far as that can be told without anybody else.
///
/// # Errors
/// The first setting that it could not start with.
pub fn check(settings: &Settings, config: &Config) -> Result<(), Error> {
    events::check(settings)?;
    Terms::try_from(config)?;
    settings.must_name(&peers::NAMES)
}

/// Runs the service until the process is told to end.
///
/// # Errors
/// A setting out of bounds, or a database, event bus or peer that cannot be had.
pub async fn run(mut start: Start<Config>) -> Result<(), Error> {
    let terms = Terms::try_from(&start.config)?;
    let peers = Peers::connect(&start)?;
    let store = Store::open::<Migrator>(start.settings.database.reveal(), Options::of(&start)).await?;
    let bus = Bus::of(&start).await?;
    let relay = bus.relay(&store, "order").await?;

    let saga = Saga::new(store.clone(), peers.clone(), terms);
    let context = Arc::new(Context {
        store: store.clone(),
        saga: saga.clone(),
    });
    consumers::start(&bus, Arc::clone(&context)).await?;
    start.beside(timers(&context).run());

    let operations = Operations::new("order", &store, &bus);
    let api = Arc::new(Api::new(store, peers, saga, terms));
    let routes = Routes::new(CartServiceServer::from_arc(Arc::clone(&api)))
        .add_service(QuotationServiceServer::from_arc(Arc::clone(&api)))
        .add_service(CheckoutServiceServer::from_arc(Arc::clone(&api)))
        .add_service(OrderServiceServer::from_arc(api))
        .add_service(operations.server());
    relay.serve(start, routes).await
}
