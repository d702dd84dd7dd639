//! Wiring: database, events, cache and RPCs.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::store::{Options, Store};
use events::{Bus, Operations};
use proto::catalog::v1::{
    category_service_server::CategoryServiceServer, import_service_server::ImportServiceServer,
    pricing_service_server::PricingServiceServer, product_service_server::ProductServiceServer, review_service_server::ReviewServiceServer,
    search_service_server::SearchServiceServer, store_service_server::StoreServiceServer,
};
use runtime::{Error, Settings, Start};
use serde::Deserialize;
use tonic::service::Routes;

use crate::{
    api::{Api, Encoding},
    cache::Cache,
    consumers,
    search::{Index, feed::Feed},
    store::migrations::Migrator,
};

/// How long to wait for the search index before serving. That of a small market is there at once, and so is one from its folder.
const INDEXING: Duration = Duration::from_secs(10);

/// How long a process is not called ready for want of its index, while it serves whoever comes all the same. A large one is made anew from
/// the database meanwhile, and requests go to the replicas that have theirs. Afterwards, everything else is better served than not.
const UNREADY: Duration = Duration::from_secs(300);

/// The catalog's own settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the search index of this process stands, in a folder of its own below this one. It is made from the database when it is
    /// absent; without a folder it is in memory and made at every start.
    pub index_folder: Option<PathBuf>,
}

/// Whether the service could start with these settings, as far as that can be told without anybody else.
///
/// # Errors
/// The first setting that it could not start with.
pub fn check(settings: &Settings, _: &Config) -> Result<(), Error> {
    events::check(settings)
}

/// Runs the service until the process is told to end.
///
/// # Errors
/// A database or event bus that cannot be had.
pub async fn run(mut start: Start<Config>) -> Result<(), Error> {
    let store = Store::open::<Migrator>(start.settings.database.reveal(), Options::of(&start)).await?;
    let bus = Bus::of(&start).await?;
    let relay = bus.relay(&store, "catalog").await?;
    consumers::start(&bus, &store).await?;
    let operations = Operations::new("catalog", &store, &bus);
    let cache = Cache::new(store.clone());
    start.beside(cache.clone().follow(bus.clone()));
    let index = Index::open(start.config.index_folder.as_deref())
        .map_err(|error| Error::Configuration(format!("catalog.index_folder: {error}")))?;
    let feed = Feed {
        index: index.clone(),
        store: store.clone(),
        cache: cache.clone(),
        bus,
    };
    start.beside(feed.run());
    tokio::select! {
        () = index.completed() => {}
        () = start.shutdown.cancelled() => {}
        () = tokio::time::sleep(INDEXING) => {}
    }
    let ready = Arc::new(AtomicBool::new(index.is_complete()));
    start.beside(become_ready(index.clone(), Arc::clone(&ready)));

    let api = Arc::new(Api::new(store, cache, index));
    let routes = Routes::new(StoreServiceServer::from_arc(Arc::clone(&api)))
        .add_service(CategoryServiceServer::from_arc(Arc::clone(&api)))
        .add_service(Encoding::new(&api, ProductServiceServer::from_arc))
        .add_service(ImportServiceServer::from_arc(Arc::clone(&api)))
        .add_service(ReviewServiceServer::from_arc(Arc::clone(&api)))
        .add_service(Encoding::new(&api, SearchServiceServer::from_arc))
        .add_service(PricingServiceServer::from_arc(api))
        .add_service(operations.server());
    relay.serve_when(start, routes, || ready.load(Ordering::Relaxed)).await
}

async fn become_ready(index: Index, ready: Arc<AtomicBool>) {
    if tokio::time::timeout(UNREADY, index.completed()).await.is_err() {
        tracing::warn!("the search index is not complete yet; everything else is served");
    }
    ready.store(true, Ordering::Relaxed);
}
