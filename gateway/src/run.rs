//! From a process's start to a gateway that serves.

use std::{collections::BTreeSet, sync::Arc};

use prost_reflect::DescriptorPool;
use runtime::{Error, Settings, Start};

use crate::{Config, Gateway, Revocations, door};

/// Whether the gateway could start with these settings, as far as that can be told without anybody else.
///
/// # Errors
/// The first setting that it could not start with.
pub fn check(settings: &Settings, config: &Config) -> Result<(), Error> {
    events::check_broker(settings)?;
    config.check().map_err(|wrong| Error::Configuration(format!("gateway.{wrong}")))
}

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
    let upstreams: BTreeSet<_> = start.settings.peers.keys().cloned().collect();
    for name in &upstreams {
        start.replicas(name)?;
    }
    let connect = |name: &str| start.replicas(name).expect("it was tried a moment ago");
    let (verifier, ending) = (start.verifier.clone(), start.shutdown.clone());
    let config = Config {
        connections: door::most_connections(start.config.connections),
        ..start.config.clone()
    };
    let revocations = Revocations::unknown();
    let following = revocations.clone().follow(start.settings.clone(), Arc::clone(&start.clock));
    let gateway = Gateway::new(pool, &upstreams, connect, (verifier, revocations), config, ending);
    let gateway = gateway.map_err(|error| Error::Configuration(error.to_string()))?;
    tracing::info!(address = %start.address(), "the gateway serves");
    // Beside the requests until the last of them has ended.
    let following = tokio::spawn(following);
    gateway.serve(start.into_listener()).await;
    following.abort();
    Ok(())
}
