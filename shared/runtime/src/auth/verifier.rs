//! Checking tokens: algorithm, type, issuer, audience, expiry and signature; each token once, then from a cache.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, RwLock},
    time::Duration,
};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kernel::{Clock, Time};
use moka::sync::Cache;
use proto::identity::v1::{GetJwksRequest, Jwk, key_service_client::KeyServiceClient};
use serde::de::DeserializeOwned;
use tokio::{sync::Mutex, time::timeout};
use tonic::Status;

use super::{
    keys::{InvalidKey, PublicKey},
    principal::{Caller, Principal},
    tokens::{ACCESS_TYPE, AccessClaims, SERVICE_TYPE, ServiceClaims},
};
use crate::Replicas;

/// How many verified tokens are remembered.
const REMEMBERED: u64 = 100_000;

/// Unknown key ids make us ask identity for its keys, but not more often than this.
const REFRESH: Duration = Duration::from_secs(2);

/// The same when it did not tell them the last time.
const PAUSE: Duration = Duration::from_millis(500);

/// How long identity may take to tell its keys, and how long anybody waits for another who asks.
const PATIENCE: Duration = Duration::from_secs(2);

/// A token that proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a token of ours, or tampered with.
    #[error("the token is not valid")]
    Invalid,
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// Identity did not tell its keys.
    #[error("the token cannot be checked now")]
    Unavailable,
}

/// Verifies the tokens of people and services. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    issuer: String,
    services: HashMap<String, DecodingKey>,
    access_keys: RwLock<HashMap<String, DecodingKey>>,
    identity: Option<KeyServiceClient<Replicas>>,
    /// When identity was last asked for its keys, and what came of it.
    asked: Mutex<Option<(Time, Result<(), Refused>)>>,
    verified: Cache<Arc<str>, (Caller, Time)>,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// Verifies what is meant for `name`. Access tokens' keys come from identity, services' keys from the configuration.
    ///
    /// # Errors
    /// [`InvalidKey`] for a configured key that is invalid.
    pub fn new(
        name: &str,
        issuer: &str,
        services: &BTreeMap<String, String>,
        identity: Option<Replicas>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidKey> {
        let services = services
            .iter()
            .map(|(name, key)| Ok((name.clone(), PublicKey::parse(key)?.decoding())));
        Ok(Self {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                issuer: issuer.to_owned(),
                services: services.collect::<Result<_, InvalidKey>>()?,
                access_keys: RwLock::default(),
                identity: identity.map(KeyServiceClient::new),
                asked: Mutex::default(),
                verified: Cache::new(REMEMBERED),
                clock,
            }),
        })
    }

    /// Who holds this token.
    ///
    /// # Errors
    /// [`Refused`] when it proves nothing.
    pub async fn verify(&self, token: &str) -> Result<Caller, Refused> {
        let now = self.inner.clock.now();
        if let Some((caller, expires)) = self.inner.verified.get(token) {
            return if now < expires { Ok(caller) } else { Err(Refused::Expired) };
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
        let (caller, expires) = match (header.alg, header.typ.as_deref()) {
            (Algorithm::EdDSA, Some(ACCESS_TYPE)) => self.access(token, header.kid.as_deref().ok_or(Refused::Invalid)?).await?,
            (Algorithm::EdDSA, Some(SERVICE_TYPE)) => self.service(token)?,
            _ => return Err(Refused::Invalid),
        };
        if expires <= now {
            return Err(Refused::Expired);
        }
        self.inner.verified.insert(token.into(), (caller.clone(), expires));
        Ok(caller)
    }

    async fn access(&self, token: &str, kid: &str) -> Result<(Caller, Time), Refused> {
        let key = match self.access_key(kid) {
            Some(key) => key,
            None => {
                self.refresh().await?;
                self.access_key(kid).ok_or(Refused::Invalid)?
            }
        };
        let claims: AccessClaims = decode(token, &key)?;
        if claims.iss != self.inner.issuer || claims.aud != self.inner.issuer {
            return Err(Refused::Invalid);
        }
        let until = seconds(claims.exp);
        let principal = Principal {
            account: claims.sub,
            organisation: claims.org,
            session: claims.sid,
            membership: claims.mbr,
            passwords: claims.pwd,
            until,
            roles: claims.roles,
            scopes: claims
                .scope
                .split(' ')
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        Ok((Caller::Principal(Arc::new(principal)), until))
    }

    fn service(&self, token: &str) -> Result<(Caller, Time), Refused> {
        // The issuer chooses the key, and the signature then proves the issuer.
        let unproven: ServiceClaims = jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| Refused::Invalid)?;
        let key = self.inner.services.get(&unproven.iss).ok_or(Refused::Invalid)?;
        let claims: ServiceClaims = decode(token, key)?;
        if claims.aud != self.inner.name {
            return Err(Refused::Invalid);
        }
        Ok((Caller::Service(claims.iss), seconds(claims.exp)))
    }

    fn access_key(&self, kid: &str) -> Option<DecodingKey> {
        self.inner
            .access_keys
            .read()
            .expect("no holder of this lock panics")
            .get(kid)
            .cloned()
    }

    /// Asks identity for its keys, unless that was done a moment ago.
    async fn refresh(&self) -> Result<(), Refused> {
        let Some(identity) = &self.inner.identity else { return Ok(()) };
        let asked = timeout(PATIENCE, self.inner.asked.lock()).await;
        let mut asked = asked.map_err(|_| Refused::Unavailable)?;
        if let Some((last, outcome)) = *asked
            && self.inner.clock.now().since(last) < if outcome.is_ok() { REFRESH } else { PAUSE }
        {
            return outcome;
        }
        let answer = timeout(PATIENCE, identity.clone().get_jwks(GetJwksRequest {})).await;
        let outcome = match answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("it took too long"))) {
            Ok(jwks) => {
                self.trust(&jwks.into_inner().keys);
                Ok(())
            }
            Err(status) => {
                tracing::warn!(%status, "identity did not tell its keys");
                Err(Refused::Unavailable)
            }
        };
        *asked = Some((self.inner.clock.now(), outcome));
        outcome
    }

    /// Trusts these keys for access tokens, and no others.
    pub fn trust(&self, keys: &[Jwk]) {
        let known = keys.iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
        let known = known.filter_map(|key| Some((key.kid.clone(), PublicKey::parse(&key.x).ok()?.decoding())));
        *self.inner.access_keys.write().expect("no holder of this lock panics") = known.collect();
    }
}

/// Checks the signature and nothing else: time is ours to judge, by the injected clock.
fn decode<C: DeserializeOwned + Clone>(token: &str, key: &DecodingKey) -> Result<C, Refused> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<C>(token, key, &validation)
        .map(|data| data.claims)
        .map_err(|_| Refused::Invalid)
}

fn seconds(since_1970: i64) -> Time {
    Time::from_micros(since_1970.saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use kernel::{AccountId, ManualClock, OrganisationId};

    use super::*;
    use crate::auth::{ServiceTokens, SigningKey};

    const ISSUER: &str = "https://issuer.test";

    fn claims(exp: i64) -> AccessClaims {
        AccessClaims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: AccountId::at(Time::default()),
            org: OrganisationId::at(Time::default()),
            client_id: "test".to_owned(),
            jti: "1".to_owned(),
            iat: 0,
            exp,
            sid: None,
            mbr: 1,
            pwd: 0,
            roles: vec!["operator".to_owned()],
            scope: "orders.read orders.write".to_owned(),
        }
    }

    struct Setting {
        clock: Arc<ManualClock>,
        key: SigningKey,
        verifier: Verifier,
    }

    fn setting(services: &[(&str, &SigningKey)]) -> Setting {
        let clock = Arc::new(ManualClock::at(seconds(1_000)));
        let key = SigningKey::generate();
        let services = services
            .iter()
            .map(|(name, key)| ((*name).to_owned(), key.public().text()))
            .collect();
        let verifier = Verifier::new("payment", ISSUER, &services, None, clock.clone()).unwrap();
        verifier.trust(&[jwk("k1", &key)]);
        Setting { clock, key, verifier }
    }

    fn jwk(kid: &str, key: &SigningKey) -> Jwk {
        let (kty, crv) = ("OKP".to_owned(), "Ed25519".to_owned());
        Jwk {
            kty,
            crv,
            kid: kid.to_owned(),
            x: key.public().text(),
            r#use: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_good_token_names_its_principal_until_it_expires() {
        let Setting { clock, key, verifier } = setting(&[]);
        let token = claims(1_060).sign(&key, "k1");
        let Ok(Caller::Principal(principal)) = verifier.verify(&token).await else {
            panic!("a principal")
        };
        assert!(principal.may("orders.write") && principal.is("operator") && !principal.may("payouts.write"));
        clock.advance(Duration::from_secs(61));
        assert_eq!(verifier.verify(&token).await, Err(Refused::Expired));
    }

    #[tokio::test]
    async fn tokens_that_prove_nothing_are_refused() {
        let Setting { key, verifier, .. } = setting(&[]);
        let other = SigningKey::generate();
        let foreign = AccessClaims {
            iss: "https://else.test".to_owned(),
            ..claims(2_000)
        };
        let elsewhere = AccessClaims {
            aud: "https://else.test".to_owned(),
            ..claims(2_000)
        };
        let tampered = claims(2_000).sign(&key, "k1").replacen('.', ".e30", 1);
        for token in [
            claims(2_000).sign(&other, "k1"),
            claims(2_000).sign(&key, "k2"),
            foreign.sign(&key, "k1"),
            elsewhere.sign(&key, "k1"),
            tampered,
            jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims(2_000), &key.encoding).unwrap(),
            // "alg": "none"
            "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiazEifQ.e30.".to_owned(),
            String::new(),
        ] {
            assert_eq!(verifier.verify(&token).await, Err(Refused::Invalid), "{token}");
        }
    }

    #[tokio::test]
    async fn keys_rotate_without_downtime() {
        let Setting { key, verifier, .. } = setting(&[]);
        let (old, next) = (claims(2_000).sign(&key, "k1"), SigningKey::generate());
        verifier.trust(&[jwk("k1", &key), jwk("k2", &next)]);
        assert!(verifier.verify(&old).await.is_ok());
        assert!(verifier.verify(&claims(2_000).sign(&next, "k2")).await.is_ok());
    }

    #[tokio::test]
    async fn a_service_is_known_by_its_key_and_only_where_it_calls() {
        let (order, thief) = (SigningKey::generate(), SigningKey::generate());
        let Setting { clock, verifier, .. } = setting(&[("order", &order)]);
        let tokens = ServiceTokens::new("order", order, clock.clone());
        assert_eq!(
            verifier.verify(&tokens.for_callee("payment")).await,
            Ok(Caller::Service("order".to_owned()))
        );
        assert_eq!(verifier.verify(&tokens.for_callee("logistics")).await, Err(Refused::Invalid));
        let stolen_name = ServiceTokens::new("order", thief, clock);
        assert_eq!(verifier.verify(&stolen_name.for_callee("payment")).await, Err(Refused::Invalid));
    }

    use jsonwebtoken::Header;
}
