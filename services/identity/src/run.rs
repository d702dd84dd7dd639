//! Wiring: database, events, keys and RPCs.

use std::{sync::Arc, time::Duration};

use ::store::{Options, Store};
use events::{Bus, Operations};
use proto::identity::v1::{
    account_service_server::AccountServiceServer, key_service_server::KeyServiceServer,
    organisation_service_server::OrganisationServiceServer, session_service_server::SessionServiceServer,
};
use runtime::{Error, Secret, Settings, Start};
use serde::{Deserialize, Deserializer};
use tonic::service::Routes;

use crate::{
    api::Api,
    keyring::{self, Keyring},
    operators,
    passwords::Passwords,
    store::migrations::Migrator,
};

/// How long a session is kept once it has expired, so that its tokens are refused as an expired session's.
const KEEP_SESSIONS: Duration = Duration::from_secs(24 * 3_600);

/// Identity's own settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a session lives without being refreshed, in seconds.
    pub session_s: u64,
    /// How long a signing key signs, in seconds. The next one is published that long before.
    pub key_period_s: u64,
    /// A secret that encrypts signing keys at rest; they are stored plainly without one.
    pub key_secret: Secret,
    /// Argon2id: memory in KiB.
    pub argon2_memory_kib: u32,
    /// Argon2id: passes over the memory.
    pub argon2_passes: u32,
    /// How many passwords are hashed at once, each in memory of its own; others wait for their turn. As many as there are cores, and at
    /// most eight, when absent: more share the cores and take the memory nevertheless.
    pub argon2_at_once: Option<usize>,
    /// Those who operate the platform, each as e-mail address, colon and password: `ada@example.com:a long
    /// password`. Their accounts are opened at the start; an account that there is already gets this
    /// password, and its sessions end. A list, or a text with commas in between.
    #[serde(deserialize_with = "listed")]
    pub operators: Vec<Secret>,
}

impl Default for Config {
    /// OWASP's least parameters for Argon2id, sessions and keys of 30 days.
    fn default() -> Self {
        let month = 30 * 24 * 3_600;
        Self {
            session_s: month,
            key_period_s: month,
            key_secret: Secret::default(),
            argon2_memory_kib: 19_456,
            argon2_passes: 2,
            argon2_at_once: None,
            operators: Vec::new(),
        }
    }
}

/// A list, or a text with commas in between, as environment variables have it.
fn listed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Secret>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Listed {
        List(Vec<Secret>),
        Text(Secret),
    }
    Ok(match Listed::deserialize(deserializer)? {
        Listed::List(list) => list,
        Listed::Text(text) => text.reveal().split(',').map(Secret::new).collect(),
    })
}

/// Whether the service could start with these settings, as far as that can be told without anybody else.
///
/// # Errors
/// The first setting that it could not start with.
pub fn check(settings: &Settings, config: &Config) -> Result<(), Error> {
    events::check(settings)?;
    Passwords::new(config.argon2_memory_kib, config.argon2_passes, config.argon2_at_once).map_err(Error::Configuration)?;
    keyring::check(&config.key_secret).map_err(Error::Configuration)?;
    operators::check(&config.operators).map_err(Error::Configuration)
}

/// Runs the service until the process is told to end.
///
/// # Errors
/// A database, event bus or key that cannot be had.
pub async fn run(mut start: Start<Config>) -> Result<(), Error> {
    let options = Options::of(&start).forgetting("sessions", "expires", KEEP_SESSIONS);
    let store = Store::open::<Migrator>(start.settings.database.reveal(), options).await?;
    let bus = Bus::of(&start).await?;
    let relay = bus.relay(&store, "identity").await?;

    let config = start.config.clone();
    let period = Duration::from_secs(config.key_period_s);
    let keyring = Keyring::open(store.clone(), period, &config.key_secret, start.verifier.clone())
        .await
        .map_err(Error::Database)?;
    start.beside(keyring.clone().keep_turning());
    let passwords = Passwords::new(config.argon2_memory_kib, config.argon2_passes, config.argon2_at_once).map_err(Error::Configuration)?;
    let operators = operators::appoint(&store, &passwords, &config.operators).await?;
    let operations = Operations::new("identity", &store, &bus);
    let api = Arc::new(Api::new(store, keyring, passwords, &start.settings, operators, config));
    let routes = Routes::new(AccountServiceServer::from_arc(Arc::clone(&api)))
        .add_service(SessionServiceServer::from_arc(Arc::clone(&api)))
        .add_service(OrganisationServiceServer::from_arc(Arc::clone(&api)))
        .add_service(KeyServiceServer::from_arc(api))
        .add_service(operations.server());
    relay.serve(start, routes).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operators_are_a_list_or_a_text_with_commas() {
        let read = |operators| serde_json::from_value::<Config>(json!({"operators": operators})).map(|config| config.operators);
        let both = ["ada@example.com:one", "eve@example.com:two"];
        assert!(read(json!(both)).unwrap() == both.map(Secret::new));
        assert!(read(json!(both.join(","))).unwrap() == both.map(Secret::new));
        let wrong = read(json!({"ada@example.com": "hush"})).unwrap_err().to_string();
        assert!(!wrong.contains("hush"), "{wrong}");
    }
}
