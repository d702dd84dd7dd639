//! From a process's start to a gateway that serves.

use std::collections::BTreeMap;

use prost_reflect::DescriptorPool;
use runtime::{Error, Start};

use crate::{Config, Gateway};

/// Serves the public RPCs of all our protos whose service has a URL in `peers`, until the process is told to end.
///
/// # Errors
/// A wrong setting, or protos that make no route table.
pub async fn run(start: Start<Config>) -> Result<(), Error> {
    run_with(start, proto::pool()).await
}

/// As [`run`], with other protos.
///
/// # Errors
/// As [`run`].
pub async fn run_with(start: Start<Config>, pool: &DescriptorPool) -> Result<(), Error> {
    let mut upstreams = BTreeMap::new();
    for name in start.settings.peers.keys() {
        let connections = (0..start.config.connections.max(1)).map(|_| start.channel(name));
        upstreams.insert(name.clone(), connections.collect::<Result<Vec<_>, _>>()?);
    }
    let gateway = Gateway::new(
        pool,
        upstreams,
        start.verifier.clone(),
        start.config.clone(),
        start.shutdown.clone(),
    );
    let gateway = gateway.map_err(|error| Error::Configuration(error.to_string()))?;
    tracing::info!(address = %start.address(), "the gateway serves");
    gateway.serve(start.into_listener()).await;
    Ok(())
}
