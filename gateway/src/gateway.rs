//! The gateway as a whole: made from descriptors and connections, then served on a socket.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use prost_reflect::DescriptorPool;
use runtime::{Replicas, auth::Verifier};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    call::Upstream,
    codec::Plans,
    config::Config,
    door::{self, Documents, Shard, Worker},
    guard::{Rates, Streams},
    openapi,
    revoking::Revocations,
    routes::{self, Routes},
};

/// A gateway that is ready to be served.
pub struct Gateway {
    shards: Vec<Shard>,
}

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The descriptors make no route table.
    #[error(transparent)]
    Routes(#[from] routes::Error),
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// What every request needs.
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) plans: Arc<Plans>,
    pub(crate) routes: Arc<Routes>,
    /// The connections of the thread that serves the request.
    pub(crate) upstreams: HashMap<Box<str>, Upstream>,
    pub(crate) verifier: Verifier,
    pub(crate) revocations: Revocations,
    pub(crate) rates: Arc<Rates>,
    pub(crate) streams: Arc<Streams>,
    /// What the gateway serves that never changes.
    pub(crate) documents: Arc<Documents>,
    /// Cancelled when the process is to end.
    pub(crate) ending: CancellationToken,
}

impl Gateway {
    /// Makes the route table of a descriptor pool. The RPCs of package `tradewind.order.v1` go to the
    /// upstream `order`, and those of a service that is not named are not served. Every thread opens
    /// connections of its own with `connect`, which is called with an upstream's name.
    ///
    /// # Errors
    /// Rules that make no sense, or two that contradict each other.
    pub fn new(
        pool: &DescriptorPool,
        upstreams: &BTreeSet<String>,
        mut connect: impl FnMut(&str) -> Replicas,
        (verifier, revocations): (Verifier, Revocations),
        config: Config,
        ending: CancellationToken,
    ) -> Result<Self, Error> {
        let plans = Arc::new(Plans::of(pool));
        let routes = Arc::new(Routes::of(pool, &plans, |domain| upstreams.contains(domain))?);
        let documents = Arc::new(door::documents(openapi::document(
            pool,
            routes.all().iter().map(|route| &**route),
            &config,
        )));
        let rates = Arc::new(Rates::new(&config));
        let streams = Arc::new(Streams::new(config.streams_per_principal));
        let config = Arc::new(config);
        let mut share = || {
            let mut connections = |name: &String| (0..config.connections_per_service.max(1)).map(|_| connect(name)).collect();
            Arc::new(Shared {
                upstreams: upstreams
                    .iter()
                    .map(|name| (name.as_str().into(), Upstream::new(connections(name))))
                    .collect(),
                config: Arc::clone(&config),
                plans: Arc::clone(&plans),
                routes: Arc::clone(&routes),
                verifier: verifier.clone(),
                revocations: revocations.clone(),
                rates: Arc::clone(&rates),
                streams: Arc::clone(&streams),
                documents: Arc::clone(&documents),
                ending: ending.clone(),
            })
        };
        let workers: Vec<Option<Worker>> = match config.threads {
            0 => vec![None],
            threads => (0..threads)
                .map(|number| Worker::start(number).map(Some))
                .collect::<Result<_, _>>()?,
        };
        let shards = workers.into_iter().map(|worker| {
            // A connection lives on the runtime that it is made on.
            let entered = worker.as_ref().map(Worker::enter);
            let shared = share();
            drop(entered);
            Shard { worker, shared }
        });
        Ok(Self { shards: shards.collect() })
    }

    /// Serves until the token given to [`Gateway::new`] is cancelled, then finishes what is under way.
    pub async fn serve(self, listener: TcpListener) {
        door::serve(self.shards, listener).await;
    }
}

/// Whether a descriptor pool makes a route table: what a gateway checks at its start, for tests and tools.
///
/// # Errors
/// As [`Gateway::new`].
pub fn check_protos(pool: &DescriptorPool) -> Result<(), routes::Error> {
    Routes::of(pool, &Plans::of(pool), |_| true).map(drop)
}
