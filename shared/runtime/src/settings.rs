//! Configuration: a TOML file, and the environment above it.
//!
//! `TRADEWIND_CONFIG` names the file. `TRADEWIND__PEERS__CATALOG=http://…` sets `peers.catalog`; a service's own
//! settings stand in a section of its name, so `TRADEWIND__ORDER__FEE_BASIS_POINTS` sets
//! `order.fee_basis_points`. An unknown key or a wrong value is an error that names it.

use std::{collections::BTreeMap, fmt, net::SocketAddr};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::Error;

/// Whose sections a configuration may have; a process reads only its own.
const SECTIONS: [&str; 7] = ["gateway", "identity", "catalog", "order", "payment", "logistics", "messaging"];

/// What every process is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to listen; port 0 takes any.
    #[serde(default = "any_loopback_port")]
    pub listen: SocketAddr,
    /// `sqlite:…` or `postgres://…`; the gateway has none.
    #[serde(default)]
    pub database: Secret,
    /// `nats://…`, with `user:password@` or `token@` where the server asks for it, and `tls://` where it must be encrypted. Several URLs,
    /// separated by commas, are servers of one cluster.
    #[serde(default)]
    pub nats: Secret,
    /// How many servers of the NATS cluster keep each event. A stream that has fewer gets more; one that has more keeps them.
    #[serde(default = "one")]
    pub nats_replicas: usize,
    /// Where the other services listen, by name. Several URLs, separated by commas, are replicas.
    #[serde(default)]
    pub peers: BTreeMap<String, String>,
    /// Where traces and metrics go (OTLP over gRPC); nowhere when absent.
    #[serde(default)]
    pub otlp: Option<String>,
    /// How log lines look.
    #[serde(default)]
    pub log: LogFormat,
    /// What is logged, as `tracing` filters are written.
    #[serde(default = "info")]
    pub log_filter: String,
    /// This service's Ed25519 key (PKCS #8, base64url), with which it signs its calls.
    #[serde(default)]
    pub service_key: Secret,
    /// The Ed25519 public keys (base64url) of the services that may call.
    #[serde(default)]
    pub service_keys: BTreeMap<String, String>,
    /// Who issues access tokens, and for whom.
    #[serde(default = "issuer")]
    pub token_issuer: String,
    /// How long an access token lives, in seconds: identity issues it for so long, and the gateway remembers for so long what was revoked.
    #[serde(default = "a_quarter_of_an_hour")]
    pub access_token_s: u64,
    /// Threads that run requests; as many as there are cores, and at most four, when absent.
    #[serde(default)]
    pub worker_threads: Option<usize>,
    /// Transactions that commit side by side on PostgreSQL. One shares the most commits; more help where a commit waits long for its disk.
    #[serde(default = "one")]
    pub lanes: usize,
    /// How long a connection takes new calls, in milliseconds and give or take a tenth. Then
    /// its caller opens another, which may lead to a replica that is new.
    #[serde(default = "five_minutes")]
    pub connection_age_ms: u64,
    /// How long the database may leave us waiting on a connection, in milliseconds, while it answers
    /// on new ones. Then the process ends, and begins anew with new ones.
    #[serde(default = "half_a_minute")]
    pub database_silence_ms: u64,
}

impl Settings {
    /// Where another service listens.
    ///
    /// # Errors
    /// A service without a URL.
    pub fn peer(&self, name: &str) -> Result<&str, Error> {
        let urls = self.peers.get(name).map(String::as_str);
        urls.ok_or_else(|| Error::Configuration(format!("peers.{name} is missing")))
    }

    /// Makes sure that these other services have a URL.
    ///
    /// # Errors
    /// The first that has none.
    pub fn must_name(&self, peers: &[&str]) -> Result<(), Error> {
        peers.iter().try_for_each(|name| self.peer(name).map(drop))
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A value that never prints.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself, for whoever must use it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_empty() { "(unset)" } else { "(secret)" })
    }
}

impl Default for Settings {
    fn default() -> Self {
        serde_json::from_value(Value::Object(Map::new())).expect("every setting has a default")
    }
}

/// Reads the configuration of a process.
///
/// # Errors
/// A file that cannot be read, an unknown key or a wrong value, by name.
pub(crate) fn load<C: DeserializeOwned>(name: &str) -> Result<(Settings, C), String> {
    let mut sources = config::Config::builder();
    if let Some(file) = environment("TRADEWIND_CONFIG") {
        sources = sources.add_source(config::File::new(&file, config::FileFormat::Toml));
    }
    let environment = config::Environment::with_prefix("TRADEWIND")
        .prefix_separator("__")
        .separator("__")
        .try_parsing(true);
    let all = sources
        .add_source(environment)
        .build()
        .and_then(config::Config::try_deserialize::<Map<String, Value>>);
    split(all.map_err(|error| error.to_string())?, name)
}

fn split<C: DeserializeOwned>(mut all: Map<String, Value>, name: &str) -> Result<(Settings, C), String> {
    let mut own = Value::Object(Map::new());
    for section in SECTIONS {
        if let Some(value) = all.remove(section).filter(|_| section == name) {
            own = value;
        }
    }
    let settings = serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
    let own = serde_json::from_value(own).map_err(|error| format!("in section `{name}`: {error}"))?;
    Ok((settings, own))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn environment(key: &str) -> Option<String> {
    std::env::var(key).ok()
}

fn any_loopback_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn info() -> String {
    "info".to_owned()
}

fn issuer() -> String {
    "https://tradewind.local".to_owned()
}

const fn a_quarter_of_an_hour() -> u64 {
    900
}

const fn one() -> usize {
    1
}

const fn half_a_minute() -> u64 {
    30_000
}

fn five_minutes() -> u64 {
    300_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Own {
        #[serde(default)]
        fee: u32,
    }

    fn read(json: Value) -> Result<(Settings, Own), String> {
        let Value::Object(map) = json else { panic!("an object") };
        split(map, "order")
    }

    #[test]
    fn a_service_reads_its_own_section_only() {
        let (settings, own) = read(serde_json::json!({"nats": "nats://n", "order": {"fee": 7}, "payment": {"x": 1}})).unwrap();
        assert_eq!((settings.nats.reveal(), own), ("nats://n", Own { fee: 7 }));
    }

    #[test]
    fn an_unknown_key_is_named() {
        assert!(read(serde_json::json!({"natz": "nats://n"})).unwrap_err().contains("natz"));
        assert!(read(serde_json::json!({"order": {"fees": 7}})).unwrap_err().contains("fees"));
    }

    #[test]
    fn secrets_never_print() {
        assert_eq!(format!("{:?}", Secret::new("hush")), "(secret)");
    }
}
