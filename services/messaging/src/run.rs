//! Wiring: database, events and RPCs.

use std::{sync::Arc, time::Duration};

use ::store::{Options, Store};
use events::{Bus, Operations};
use proto::messaging::v1::{
    conversation_service_server::ConversationServiceServer, notification_service_server::NotificationServiceServer,
};
use runtime::{Error, Organisations, Settings, Start};
use serde::Deserialize;
use tonic::service::Routes;

use crate::{api::Api, audits, consumers, live::Live, products::Products, store::migrations::Migrator};

/// Whom messaging calls.
const PEERS: [&str; 2] = ["identity", "catalog"];

/// Messaging's own settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a stream of messages goes on at the most before its listener
    /// must come again, in seconds. It ends sooner where their token does.
    pub stream_s: u64,
}

impl Default for Config {
    /// A quarter of an hour: as long as an access token is good.
    fn default() -> Self {
        Self { stream_s: 900 }
    }
}

/// Whether the service could start with these settings, as far as that can be told without anybody else.
///
/// # Errors
/// The first setting that it could not start with.
pub fn check(settings: &Settings, config: &Config) -> Result<(), Error> {
    events::check(settings)?;
    if config.stream_s == 0 {
        return Err(Error::Configuration("messaging.stream_s must be greater than zero".to_owned()));
    }
    settings.must_name(&PEERS)
}

/// Runs the service until the process is told to end.
///
/// # Errors
/// A database, event bus or peer that cannot be had.
pub async fn run(mut start: Start<Config>) -> Result<(), Error> {
    let [identity, catalog] = start.peers(PEERS)?;
    let store = Store::open::<Migrator>(start.settings.database.reveal(), Options::of(&start)).await?;
    let bus = Bus::of(&start).await?;
    let relay = bus.relay(&store, "messaging").await?;
    consumers::start(&bus, &store).await?;
    let operations = audits::add(Operations::new("messaging", &store, &bus), &store);
    let live = Live::default();
    start.beside(live.clone().follow(bus));

    let api = Arc::new(Api {
        store,
        organisations: Organisations::of(identity),
        products: Products::of(catalog),
        live,
        stream: Duration::from_secs(start.config.stream_s),
        ending: start.shutdown.clone(),
    });
    let routes = Routes::new(ConversationServiceServer::from_arc(Arc::clone(&api)))
        .add_service(NotificationServiceServer::from_arc(api))
        .add_service(operations.server());
    relay.serve(start, routes).await
}
