//! The services' keys: made at the first start, kept in the data folder, readable by its owner only.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use rand::RngCore;
use runtime::auth::SigningKey;
use serde::{Deserialize, Serialize};

use super::services;

/// What the processes of one ecosystem share and nobody else may know.
#[derive(Serialize, Deserialize)]
pub(crate) struct Keys {
    /// Each service's Ed25519 key (PKCS #8, base64url).
    pub(crate) services: BTreeMap<String, String>,
    /// Encrypts identity's signing keys at rest (base64).
    pub(crate) identity_secret: String,
    /// Signs the sandbox provider's and carrier's callbacks (`whsec_…`).
    pub(crate) webhook_secret: String,
}

impl Keys {
    /// Reads the keys, and makes those that are missing: all of them in a new folder, those of a new service in an older one.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        let path = folder.join("keys.json");
        let mut keys = if path.exists() {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("{} is not a file of keys", path.display()))?
        } else {
            Self {
                services: BTreeMap::new(),
                identity_secret: random(),
                webhook_secret: format!("whsec_{}", random()),
            }
        };
        let known = keys.services.len();
        for service in services::all() {
            let key = keys.services.entry(service.to_owned());
            key.or_insert_with(|| SigningKey::generate().reveal());
        }
        if keys.services.len() > known {
            keys.write(&path).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(keys)
    }

    /// Writes another file and gives it this name, so that the file is never half written.
    fn write(&self, path: &Path) -> Result<()> {
        let beside = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.sync_all()?;
        Ok(fs::rename(beside, path)?)
    }

    /// The public halves, by service.
    pub(crate) fn public(&self) -> Result<BTreeMap<String, String>> {
        let public = |(name, key): (&String, &String)| Ok((name.clone(), SigningKey::parse(key)?.public().text()));
        self.services.iter().map(public).collect()
    }
}

fn random() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    BASE64_STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_folder_gets_the_key_of_a_new_service_and_keeps_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keys::in_folder(folder.path()).unwrap();
        let mut older = serde_json::to_value(&first).unwrap();
        older["services"].as_object_mut().unwrap().remove("messaging");
        fs::write(folder.path().join("keys.json"), older.to_string()).unwrap();

        let second = Keys::in_folder(folder.path()).unwrap();
        assert_eq!(
            (&second.identity_secret, &second.webhook_secret),
            (&first.identity_secret, &first.webhook_secret)
        );
        for service in services::all() {
            assert_eq!(
                second.services[service] == first.services[service],
                service != "messaging",
                "{service}"
            );
        }
        assert_eq!(Keys::in_folder(folder.path()).unwrap().services, second.services);
    }
}
