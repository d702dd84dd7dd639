//! The carriers that parcels are handed to, and the secrets that they sign with.

use std::collections::BTreeMap;

use runtime::{
    Secret,
    webhooks::{InvalidSecret, Verifier},
};
use serde::Deserialize;

use crate::Config;

/// The carrier that makes its own tracking numbers, for trying things out. It is there only where the settings say so.
pub(crate) const SANDBOX: &str = "sandbox";

/// What is configured of a carrier.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Carrier {
    /// The Standard Webhooks secret that it signs its reports with, as `whsec_…`. Without one its reports are refused.
    pub secret: Secret,
}

/// All carriers, by their codes.
pub(crate) struct Carriers(BTreeMap<String, Option<Verifier>>);

impl Carriers {
    /// The configured carriers. The sandbox is among them if it is asked for, and only then, whatever else is configured of it.
    ///
    /// # Errors
    /// An invalid secret, with the carrier's code.
    pub(crate) fn new(config: &Config) -> Result<Self, (String, InvalidSecret)> {
        let mut carriers = BTreeMap::new();
        if config.sandbox {
            carriers.insert(SANDBOX.to_owned(), None);
        }
        for (code, carrier) in config.carriers.iter().filter(|(code, _)| config.sandbox || *code != SANDBOX) {
            let verifier = Verifier::of(&carrier.secret).map_err(|error| (code.clone(), error))?;
            carriers.insert(code.clone(), verifier);
        }
        Ok(Self(carriers))
    }

    /// Whether parcels can be handed to this carrier.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.0.contains_key(code)
    }

    /// What verifies a carrier's reports: nothing for an unknown carrier, nothing inside for one without a secret.
    pub(crate) fn verifier(&self, code: &str) -> Option<Option<&Verifier>> {
        self.0.get(code).map(Option::as_ref)
    }
}
