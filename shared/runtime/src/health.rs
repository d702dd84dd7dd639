//! What a process says of itself through gRPC's health service, under three names:
//!
//! - [`ALIVE`] serves while the process runs: who falls silent is started again. Nothing outside of the process has a say in it, for a lost database does not
//!   come back by starting its clients anew.
//! - [`READY`] serves while the process can do its work: requests go to another replica meanwhile.
//! - The empty name serves while nothing at all is amiss, for people and monitors.
//!
//! A lost broker is amiss and makes nobody unready: writes go to the outbox, and reads need no broker. Otherwise all replicas would leave
//! at once, and every request would fail that could have been served.

use std::{convert::Infallible, future::Future, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tonic_health::{
    ServingStatus,
    pb::health_server::{Health, HealthServer},
    server::HealthReporter,
};

/// The name under which a process says that it runs.
pub const ALIVE: &str = "alive";

/// The name under which a process says that requests may come.
pub const READY: &str = "ready";

/// The name under which a process says that all is well.
const WELL: &str = "";

/// How often a process looks after itself.
const INTERVAL: Duration = Duration::from_secs(1);

/// How a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is amiss.
    Well,
    /// Something is amiss, but all requests can be served.
    Impaired,
    /// Requests would fail.
    Unable,
}

/// The names, before the process has looked after itself: it runs, and nothing more is known.
pub(crate) async fn reporter() -> (HealthReporter, HealthServer<impl Health>) {
    let (reporter, server) = tonic_health::server::health_reporter();
    reporter.set_service_status(ALIVE, ServingStatus::Serving).await;
    say(&reporter, Condition::Unable).await;
    (reporter, server)
}

/// Looks after the process about once a second and says how it is. Once it is told to end, requests are to go elsewhere.
pub(crate) async fn tell<F, R>(reporter: HealthReporter, condition: F, shutdown: CancellationToken) -> Infallible
where
    F: Fn() -> R,
    R: Future<Output = Condition>,
{
    let mut told = None;
    let ended = shutdown.run_until_cancelled(async {
        loop {
            let now = condition().await;
            if told != Some(now) {
                say(&reporter, now).await;
                if told.is_some() || now != Condition::Well {
                    tracing::warn!(condition = ?now, "the process is in another condition");
                }
                told = Some(now);
            }
            sleep(INTERVAL).await;
        }
    });
    let _: Option<Infallible> = ended.await;
    say(&reporter, Condition::Unable).await;
    std::future::pending().await
}

async fn say(reporter: &HealthReporter, condition: Condition) {
    let (well, ready) = match condition {
        Condition::Well => (ServingStatus::Serving, ServingStatus::Serving),
        Condition::Impaired => (ServingStatus::NotServing, ServingStatus::Serving),
        Condition::Unable => (ServingStatus::NotServing, ServingStatus::NotServing),
    };
    reporter.set_service_status(WELL, well).await;
    reporter.set_service_status(READY, ready).await;
}
