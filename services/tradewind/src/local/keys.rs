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

use super::plan::SERVICES;

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
    /// Reads the keys, or makes them.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        let path = folder.join("keys.json");
        if path.exists() {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            return serde_json::from_str(&text).with_context(|| format!("{} is not a file of keys", path.display()));
        }
        let keys = Self {
            services: SERVICES
                .iter()
                .map(|service| ((*service).to_owned(), SigningKey::generate().reveal()))
                .collect(),
            identity_secret: random(),
            webhook_secret: format!("whsec_{}", random()),
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("writing {}", path.display()))?;
        file.write_all(serde_json::to_string_pretty(&keys)?.as_bytes())?;
        Ok(keys)
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
