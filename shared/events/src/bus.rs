//! The connection to NATS, and the streams on it.

use std::{
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use async_nats::{
    Client,
    jetstream::{
        self, Context,
        stream::{Config, RetentionPolicy, StorageType, Stream},
    },
};
use runtime::{Settings, Start};
use store::{KEEP_EVENTS, Store};
use tokio::time::Instant;

use crate::{
    Consumer,
    differences::Differences,
    relay::{Relay, Relaying},
    servers::Servers,
};

/// How long a process waits for the server when it starts.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the bus cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A URL that names no server.
    #[error("`nats` must be URLs such as nats://host:4222: {0}")]
    Address(String),
    /// No server lets us in.
    #[error("cannot connect to NATS at {0}: {1}")]
    Connect(String, String),
    /// The server refused a stream or a consumer.
    #[error("{0}: {1}")]
    Refused(String, String),
    /// The server has something else than what was asked for, and would lose or repeat events in a way that we do not expect.
    #[error("{0} is not what was asked for: {1}")]
    Differs(String, String),
}

impl From<Error> for runtime::Error {
    fn from(error: Error) -> Self {
        Self::Events(error.to_string())
    }
}

/// Whether these settings name a database and servers of NATS, as far as that can be told without asking them.
///
/// # Errors
/// A setting that names none.
pub fn check(settings: &Settings) -> Result<(), runtime::Error> {
    let database = settings.database.reveal();
    if !["sqlite:", "postgres:", "postgresql:"]
        .iter()
        .any(|scheme| database.starts_with(scheme))
    {
        let wrong = "database: must be a URL such as sqlite:… or postgres://…";
        return Err(runtime::Error::Configuration(wrong.to_owned()));
    }
    check_broker(settings)
}

/// As [`check`], for a process that has no database.
///
/// # Errors
/// A setting that names no servers.
pub fn check_broker(settings: &Settings) -> Result<(), runtime::Error> {
    if settings.nats_replicas == 0 {
        return Err(runtime::Error::Configuration("nats_replicas: must be at least 1".to_owned()));
    }
    let servers = Servers::parse(settings.nats.reveal()).map(drop);
    servers.map_err(|error| runtime::Error::Configuration(error.to_string()))
}

/// A connection to NATS. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    pub(crate) client: Client,
    pub(crate) context: Context,
    /// How many servers keep each stream, at least.
    replicas: usize,
    /// The consumers that run, for whoever looks after them.
    consumers: Arc<Mutex<Vec<Weak<Consumer>>>>,
}

impl Bus {
    /// Connects as a service is told to: where, and with how many replicas of each stream.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn of<C>(start: &Start<C>) -> Result<Self, Error> {
        let bus = Self::connect(start.settings.nats.reveal()).await?;
        Ok(bus.with_replicas(start.settings.nats_replicas))
    }

    /// The same, with so many replicas of each stream.
    #[must_use]
    pub fn with_replicas(self, replicas: usize) -> Self {
        Self { replicas, ..self }
    }

    /// Connects to one of these servers, whose URLs are separated by commas;
    /// afterwards the connection is kept, and made again whenever it breaks.
    ///
    /// # Errors
    /// Something that is no URL, and servers that do not let us in within ten seconds.
    pub async fn connect(urls: &str) -> Result<Self, Error> {
        let servers = Servers::parse(urls)?;
        let deadline = Instant::now() + PATIENCE;
        let client = loop {
            match servers.connect().await {
                Ok(client) => break client,
                Err(error) if Instant::now() >= deadline => return Err(error),
                Err(error) => {
                    tracing::debug!(%error, "trying again");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        };
        let mut context = jetstream::new(client.clone());
        context.set_timeout(Duration::from_secs(5));
        Ok(Self {
            client,
            context,
            replicas: 1,
            consumers: Arc::default(),
        })
    }

    /// The stream of a domain, made if it is not there. Whoever comes first makes it, and everyone checks that it is what it should be. It
    /// gets more replicas where it has fewer than were asked for; more of them do no harm, and are left to whoever wanted them.
    ///
    /// # Errors
    /// A server that refuses, or a stream that differs.
    pub(crate) async fn stream(&self, domain: &str) -> Result<Stream, Error> {
        let name = || format!("stream {domain}");
        let refused = |error: String| Error::Refused(name(), error);
        let asked = Config {
            name: domain.to_owned(),
            subjects: vec![format!("{domain}.v1.>")],
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            // As long as the outbox that they came from.
            max_age: KEEP_EVENTS,
            duplicate_window: Duration::from_secs(120),
            num_replicas: self.replicas,
            ..Config::default()
        };
        let stream = self.context.get_or_create_stream(asked.clone()).await;
        let mut stream = stream.map_err(|error| refused(error.to_string()))?;
        if asked.num_replicas > 1 && stream.cached_info().cluster.is_none() {
            // It would take any number, and keep one all the same.
            return Err(refused(format!(
                "no {} replicas can be kept where a server stands alone",
                asked.num_replicas
            )));
        }
        if stream.cached_info().config.num_replicas < asked.num_replicas {
            let more = Config {
                num_replicas: asked.num_replicas,
                ..stream.cached_info().config.clone()
            };
            self.context.update_stream(more).await.map_err(|error| refused(error.to_string()))?;
            stream = self.context.get_stream(domain).await.map_err(|error| refused(error.to_string()))?;
        }
        differences(&asked, &stream.cached_info().config).none_of(name)?;
        Ok(stream)
    }

    /// Publishes a service's outbox to its domain's stream, for as long as the process runs.
    ///
    /// # Errors
    /// A stream that cannot be had.
    pub async fn relay(&self, store: &Store, domain: &'static str) -> Result<Relaying, Error> {
        self.stream(domain).await?;
        Ok(Relay::new(self.clone(), store, domain).start())
    }

    /// A durable consumer of another domain's events, shared by all replicas of a service.
    pub fn consume(&self, store: &Store, service: &'static str, domain: &'static str) -> Consumer {
        Consumer::new(self.clone(), store, service, domain)
    }

    pub(crate) fn register(&self, consumer: &Arc<Consumer>) {
        let mut consumers = self.consumers.lock().expect("no holder of this lock panics");
        consumers.push(Arc::downgrade(consumer));
    }

    /// The consumers that run in this process.
    pub(crate) fn consumers(&self) -> Vec<Arc<Consumer>> {
        let consumers = self.consumers.lock().expect("no holder of this lock panics");
        consumers.iter().filter_map(Weak::upgrade).collect()
    }

    /// Whether the server answers.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }
}

/// What the server has instead of what we asked for, as far as we asked
/// for anything. Limits that nobody asked for would lose events as well.
fn differences(asked: &Config, has: &Config) -> Differences {
    let mut differences = Differences::default();
    differences
        .compare("subjects", &asked.subjects, &has.subjects)
        .compare("retention", &asked.retention, &has.retention)
        .compare("storage", &asked.storage, &has.storage)
        .compare("max_age", &asked.max_age, &has.max_age)
        .compare("duplicate_window", &asked.duplicate_window, &has.duplicate_window)
        .compare("num_replicas", &asked.num_replicas, &has.num_replicas.min(asked.num_replicas))
        .compare("max_messages", &unlimited(asked.max_messages), &unlimited(has.max_messages))
        .compare("max_bytes", &unlimited(asked.max_bytes), &unlimited(has.max_bytes))
        .compare(
            "max_messages_per_subject",
            &unlimited(asked.max_messages_per_subject),
            &unlimited(has.max_messages_per_subject),
        )
        .compare(
            "max_consumers",
            &unlimited(asked.max_consumers.into()),
            &unlimited(has.max_consumers.into()),
        )
        .compare(
            "max_message_size",
            &unlimited(asked.max_message_size.into()),
            &unlimited(has.max_message_size.into()),
        )
        .compare("no_ack", &asked.no_ack, &has.no_ack);
    differences
}

/// Both 0 and -1 mean that there is no limit.
fn unlimited(limit: i64) -> i64 {
    if limit == 0 { -1 } else { limit }
}
