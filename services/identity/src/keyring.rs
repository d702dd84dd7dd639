//! The keys that sign access tokens. Each signs for one period; the next one is published a whole period before it
//! signs, and the last one for a period after, so that nobody is ever handed a token whose key they cannot find. All
//! replicas agree, because a key belongs to its period. They find each other's keys in the database, and verify
//! their own callers with them: identity never asks itself over the network.

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use kernel::Time;
use proto::identity::v1::Jwk;
use runtime::{
    Secret,
    auth::{AccessClaims, SigningKey, Verifier},
};
use store::{Cause, Keys, Store};
use uuid::Uuid;

use crate::store::signing_key::{SealedKey, SigningKeyId};

/// How many bytes AES-GCM's nonce takes, in front of what it seals.
const NONCE: usize = 12;

/// The keys in use. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Keyring {
    store: Store,
    period: Duration,
    seal: Option<Arc<RandomizedNonceKey>>,
    /// Verifies who calls us, with the keys that are in use.
    verifier: Verifier,
    keys: Arc<RwLock<Vec<(i64, SigningKeyId, SigningKey)>>>,
}

impl Keyring {
    /// Loads the keys of this and the neighbouring periods and makes those that
    /// are missing. Whoever opens it [keeps it turning](Self::keep_turning).
    pub(crate) async fn open(store: Store, period: Duration, secret: &Secret, verifier: Verifier) -> Result<Self, String> {
        let seal = if secret.is_empty() { None } else { Some(Arc::new(cipher(secret)?)) };
        let keyring = Self {
            store,
            period,
            seal,
            verifier,
            keys: Arc::default(),
        };
        keyring.turn().await?;
        Ok(keyring)
    }

    /// Signs with the key of this period.
    pub(crate) fn sign(&self, claims: &AccessClaims) -> String {
        let period = self.period_of(self.store.clock().now());
        let keys = self.keys.read().expect("no holder of this lock panics");
        let key = keys.iter().find(|(of, ..)| *of == period).or_else(|| keys.last());
        let (_, id, key) = key.expect("the keyring opens with the keys of two periods");
        claims.sign(key, &id.to_string())
    }

    /// The public keys of the last, this and the next period.
    pub(crate) fn jwks(&self) -> Vec<Jwk> {
        let keys = self.keys.read().expect("no holder of this lock panics");
        let jwk = |(_, id, key): &(i64, SigningKeyId, SigningKey)| Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: key.public().text(),
            kid: id.to_string(),
            r#use: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
        };
        keys.iter().map(jwk).collect()
    }

    /// Makes the keys of the next periods in time, for as long as it is polled.
    pub(crate) async fn keep_turning(self) {
        let often = (self.period / 20).clamp(Duration::from_millis(200), Duration::from_secs(60));
        loop {
            tokio::time::sleep(often).await;
            if let Err(error) = self.turn().await {
                tracing::warn!(error, "the signing keys could not be looked after");
            }
        }
    }

    async fn turn(&self) -> Result<(), String> {
        let now = self.store.clock().now();
        let period = self.period_of(now);
        for wanted in [period, period + 1] {
            self.ensure(wanted, now).await?;
        }
        let ids = [period - 1, period, period + 1].map(id_of);
        let stored = self.store.get_all::<SealedKey>(ids).await.map_err(|error| error.to_string())?;
        let mut keys = Vec::with_capacity(stored.len());
        for key in stored {
            keys.push((
                key.period,
                key.id,
                SigningKey::from_pkcs8(&self.open_sealed(&key.sealed)?).map_err(|error| error.to_string())?,
            ));
        }
        keys.sort_by_key(|(period, ..)| *period);
        *self.keys.write().expect("no holder of this lock panics") = keys;
        self.verifier.trust(&self.jwks());
        Ok(())
    }

    /// Whichever replica comes first makes the key of a period.
    async fn ensure(&self, period: i64, now: Time) -> Result<(), String> {
        let id = id_of(period);
        let known = self
            .keys
            .read()
            .expect("no holder of this lock panics")
            .iter()
            .any(|(of, ..)| *of == period);
        if known {
            return Ok(());
        }
        let sealed = self.seal(SigningKey::generate().pkcs8())?;
        let add = move |work: &mut store::Work| {
            if work.get::<SealedKey>(id).is_none() {
                work.insert(SealedKey {
                    id,
                    period,
                    sealed: sealed.clone(),
                    created: now,
                });
            }
            Ok(())
        };
        let cause = Cause::step("make_signing_key", Uuid::new_v4());
        self.store
            .execute::<(), std::convert::Infallible, _>(cause, Keys::new().one::<SealedKey>(id), add)
            .await
            .map_err(|error| error.to_string())
    }

    fn period_of(&self, time: Time) -> i64 {
        time.micros() / i64::try_from(self.period.as_micros()).unwrap_or(i64::MAX).max(1)
    }

    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        let Some(key) = &self.seal else { return Ok(plain.to_vec()) };
        let mut sealed = plain.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::empty(), &mut sealed)
            .map_err(|_| "a signing key could not be encrypted")?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    fn open_sealed(&self, sealed: &[u8]) -> Result<Vec<u8>, String> {
        let Some(key) = &self.seal else { return Ok(sealed.to_vec()) };
        let wrong = "a signing key cannot be decrypted: identity.key_secret is not the one it was encrypted with";
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(wrong)?;
        let mut opened = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong)?;
        let plain = key.open_in_place(nonce, Aad::empty(), &mut opened).map_err(|_| wrong)?;
        Ok(plain.to_vec())
    }
}

fn id_of(period: i64) -> SigningKeyId {
    SigningKeyId::derived(Uuid::nil(), &format!("signing key of period {period}"))
}

/// Whether keys can be encrypted with this secret, or plainly be stored without one.
pub(crate) fn check(secret: &Secret) -> Result<(), String> {
    if secret.is_empty() { Ok(()) } else { cipher(secret).map(drop) }
}

fn cipher(secret: &Secret) -> Result<RandomizedNonceKey, String> {
    let bytes = BASE64_STANDARD
        .decode(secret.reveal())
        .map_err(|_| "identity.key_secret: not base64")?;
    RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| "identity.key_secret: not 32 bytes".to_owned())
}
