//! The gateway as a whole: made from descriptors and connections, then served on a socket.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use bytes::Bytes;
use prost_reflect::DescriptorPool;
use runtime::auth::Verifier;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::{
    call::Upstream,
    codec::Plans,
    config::Config,
    door,
    guard::Rates,
    openapi,
    routes::{self, Routes},
};

/// A gateway that is ready to be served.
pub struct Gateway {
    shared: Arc<Shared>,
}

/// What every request needs.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) plans: Plans,
    pub(crate) routes: Routes,
    pub(crate) upstreams: HashMap<Box<str>, Upstream>,
    pub(crate) verifier: Verifier,
    pub(crate) rates: Rates,
    /// The OpenAPI document.
    pub(crate) openapi: Bytes,
    /// Cancelled when the process is to end.
    pub(crate) ending: CancellationToken,
}

impl Gateway {
    /// Makes the route table of a descriptor pool. The RPCs of package `tradewind.order.v1` go to the upstream `order`, over its channels in turn;
    /// those of a service without an upstream are not served.
    ///
    /// # Errors
    /// Rules that make no sense, or two that contradict each other.
    pub fn new(
        pool: &DescriptorPool,
        upstreams: BTreeMap<String, Vec<Channel>>,
        verifier: Verifier,
        config: Config,
        ending: CancellationToken,
    ) -> Result<Self, routes::Error> {
        let plans = Plans::of(pool);
        let routes = Routes::of(pool, &plans, |domain| upstreams.contains_key(domain))?;
        let upstreams = upstreams
            .into_iter()
            .map(|(name, channels)| (name.into(), Upstream::new(channels)))
            .collect();
        let rates = Rates::new(&config);
        let openapi = openapi::document(pool, routes.all().iter().map(|route| &**route)).into();
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                plans,
                routes,
                upstreams,
                verifier,
                rates,
                openapi,
                ending,
            }),
        })
    }

    /// Serves until the token given to [`Gateway::new`] is cancelled, then finishes what is under way.
    pub async fn serve(self, listener: TcpListener) {
        door::serve(self.shared, listener).await;
    }
}

/// Whether a descriptor pool makes a route table: what a gateway checks at its start, for tests and tools.
///
/// # Errors
/// As [`Gateway::new`].
pub fn check(pool: &DescriptorPool) -> Result<(), routes::Error> {
    Routes::of(pool, &Plans::of(pool), |_| true).map(drop)
}
