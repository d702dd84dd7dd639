//! From a process's `main` to a service that runs.

use std::{future::Future, process::ExitCode, sync::Arc, time::Duration};

use kernel::Clock;
use serde::de::DeserializeOwned;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::{
    Condition, Peer, Replicas, Settings, SystemClock,
    auth::{ServiceTokens, SigningKey, Verifier},
    peer, server, settings,
    telemetry::Telemetry,
};

/// Why a process could not start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is missing or wrong.
    #[error("configuration: {0}")]
    Configuration(String),
    /// The address could not be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// The database could not be opened or migrated.
    #[error("database: {0}")]
    Database(String),
    /// The event bus could not be reached, or its configuration is not what was asked for.
    #[error("events: {0}")]
    Events(String),
    /// Serving ended with an error.
    #[error("server: {0}")]
    Server(String),
}

/// What a service is started with.
pub struct Start<C> {
    /// The service's name.
    pub name: &'static str,
    /// The service's own settings.
    pub config: C,
    /// What every process is told.
    pub settings: Settings,
    /// The only source of time.
    pub clock: Arc<dyn Clock>,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
    /// Verifies the tokens of whoever calls.
    pub verifier: Verifier,
    tokens: ServiceTokens,
    listener: TcpListener,
    beside: JoinSet<()>,
}

impl<C> Start<C> {
    /// Binds the address and prepares authentication.
    ///
    /// # Errors
    /// An address in use, or an invalid key.
    pub async fn new(name: &'static str, settings: Settings, config: C, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let listener = TcpListener::bind(settings.listen)
            .await
            .map_err(|error| Error::Listen(settings.listen, error))?;
        let (verifier, tokens) = authentication(name, &settings, &clock)?;
        Ok(Self {
            name,
            config,
            settings,
            clock,
            shutdown: CancellationToken::new(),
            verifier,
            tokens,
            listener,
            beside: JoinSet::new(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.listener.local_addr().expect("a bound socket has an address")
    }

    /// Connections to other services, by the names that their URLs are configured under.
    ///
    /// # Errors
    /// The first name without a URL.
    pub fn peers<const N: usize>(&self, names: [&'static str; N]) -> Result<[Peer; N], Error> {
        let peers = names.iter().map(|name| self.peer(name)).collect::<Result<Vec<_>, _>>()?;
        Ok(peers.try_into().ok().expect("each name has its peer"))
    }

    /// A connection to another service, by the name that its URL is configured under.
    ///
    /// # Errors
    /// A name without a URL.
    pub fn peer(&self, name: &'static str) -> Result<Peer, Error> {
        let connected = peer::peer(name, self.settings.peer(name)?, self.tokens.clone());
        connected.map_err(|error| Error::Configuration(format!("peers.{name}: {error}")))
    }

    /// Bare connections to another service, for whoever passes on what others said.
    ///
    /// # Errors
    /// A name without a URL.
    pub fn replicas(&self, name: &str) -> Result<Replicas, Error> {
        peer::replicas(self.settings.peer(name)?).map_err(|error| Error::Configuration(format!("peers.{name}: {error}")))
    }

    /// Runs a task beside the requests, which ends with them, whatever it is at.
    pub fn beside(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.beside.spawn(task);
    }

    /// Takes the bound listener, to serve something else than gRPC.
    pub fn into_listener(self) -> TcpListener {
        self.listener
    }

    /// Serves gRPC until the process is told to end, then finishes what is under way.
    ///
    /// # Errors
    /// When serving fails.
    pub async fn serve(self, routes: Routes) -> Result<(), Error> {
        self.serve_watched(routes, || std::future::ready(Condition::Well)).await
    }

    /// As [`serve`](Self::serve), for a process that looks after itself about once a second and says how it is.
    ///
    /// # Errors
    /// When serving fails.
    pub async fn serve_watched<F, R>(mut self, routes: Routes, condition: F) -> Result<(), Error>
    where
        F: Fn() -> R,
        R: Future<Output = Condition>,
    {
        tracing::info!(service = self.name, address = %self.address(), "serving");
        let options = server::Options {
            verifier: self.verifier,
            shutdown: self.shutdown,
            connection_age: Duration::from_millis(self.settings.connection_age_ms),
        };
        let served = server::serve(self.listener, routes, condition, options).await;
        self.beside.shutdown().await;
        served.map_err(Error::Server)
    }
}

/// Who is believed, and how we say who we are.
fn authentication(name: &'static str, settings: &Settings, clock: &Arc<dyn Clock>) -> Result<(Verifier, ServiceTokens), Error> {
    let key = if settings.service_key.is_empty() {
        Ok(SigningKey::generate())
    } else {
        SigningKey::parse(settings.service_key.reveal())
    };
    let key = key.map_err(|error| Error::Configuration(format!("service_key: {error}")))?;
    // Identity has the keys itself, and hands them to its verifier.
    let identity = settings.peers.get("identity").filter(|_| name != "identity");
    let identity = identity.map(|urls| peer::replicas(urls)).transpose();
    let identity = identity.map_err(|error| Error::Configuration(format!("peers.identity: {error}")))?;
    let verifier = Verifier::new(name, &settings.token_issuer, &settings.service_keys, identity, Arc::clone(clock))
        .map_err(|error| Error::Configuration(format!("service_keys: {error}")))?;
    Ok((verifier, ServiceTokens::new(name, key, Arc::clone(clock))))
}

/// The whole `main` of a service: reads the configuration and looks at it as [`check`] does,
/// runs until SIGTERM or SIGINT, and tells what went wrong in one line.
pub fn main<C, F, R>(name: &'static str, own: impl FnOnce(&Settings, &C) -> Result<(), Error>, run: F) -> ExitCode
where
    C: DeserializeOwned,
    F: FnOnce(Start<C>) -> R,
    R: Future<Output = Result<(), Error>>,
{
    told(
        name,
        configuration(name, own).and_then(|(settings, config)| run_with(name, settings, config, run)),
    )
}

/// Reads the configuration as [`main()`] would, and tells whether the service could start with it, as far as that can be told without its
/// database, its broker and its peers. `own` looks at what the service itself demands of its settings.
pub fn check<C: DeserializeOwned>(name: &'static str, own: impl FnOnce(&Settings, &C) -> Result<(), Error>) -> ExitCode {
    told(
        name,
        configuration(name, own).map(|_| println!("{name}: the configuration is right")),
    )
}

fn told(name: &str, outcome: Result<(), Error>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What a service is told, once it is sure that it could start with that.
fn configuration<C: DeserializeOwned>(
    name: &'static str,
    own: impl FnOnce(&Settings, &C) -> Result<(), Error>,
) -> Result<(Settings, C), Error> {
    let (settings, config) = settings::load(name).map_err(Error::Configuration)?;
    check_settings(name, &settings)?;
    own(&settings, &config)?;
    Ok((settings, config))
}

fn check_settings(name: &'static str, settings: &Settings) -> Result<(), Error> {
    // What connections are made of wants a runtime, though none of them is made.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Server(error.to_string()))?;
    let _entered = runtime.enter();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    authentication(name, settings, &clock)?;
    for (name, urls) in &settings.peers {
        peer::replicas(urls).map_err(|error| Error::Configuration(format!("peers.{name}: {error}")))?;
    }
    Ok(())
}

fn run_with<C, F, R>(name: &'static str, settings: Settings, config: C, run: F) -> Result<(), Error>
where
    F: FnOnce(Start<C>) -> R,
    R: Future<Output = Result<(), Error>>,
{
    // Fails only when a provider is installed already, which serves as well.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = settings.worker_threads.unwrap_or(cores.min(4)).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name(name)
        .enable_all()
        .build();
    runtime.map_err(|error| Error::Server(error.to_string()))?.block_on(async {
        let _telemetry = Telemetry::start(name, &settings).map_err(Error::Configuration)?;
        let start = Start::new(name, settings, config, Arc::new(SystemClock)).await?;
        tokio::spawn(end_on_signal(start.shutdown.clone()));
        run(start).await
    })
}

async fn end_on_signal(shutdown: CancellationToken) {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("a runtime with I/O takes signals");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("ending");
    shutdown.cancel();
}
