//! The two kinds of token: access tokens of people (RFC 9068) and tokens that services sign for their calls to each other.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use jsonwebtoken::{Algorithm, Header};
use kernel::{AccountId, Clock, OrganisationId, SessionId, Time};
use serde::{Deserialize, Serialize};

use super::keys::SigningKey;

/// How long a service's token is good for.
const SERVICE_TOKEN: Duration = Duration::from_secs(300);

/// A service's token is made anew when it has less than this left.
const RENEW: Duration = Duration::from_secs(60);

/// The `typ` of an access token, so that no other token passes for one.
pub(super) const ACCESS_TYPE: &str = "at+jwt";

/// The `typ` of a service's token.
pub(super) const SERVICE_TYPE: &str = "svc+jwt";

/// The claims of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it.
    pub iss: String,
    /// For whom: the same name, because one issuer serves one platform.
    pub aud: String,
    /// The person.
    pub sub: AccountId,
    /// The organisation that they act for.
    pub org: OrganisationId,
    /// The client that asked for it.
    pub client_id: String,
    /// Unique to this token.
    pub jti: String,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// The session that it belongs to (OpenID Connect Front-Channel Logout, section 3). Tokens of releases before it have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// The version of the membership by which they act for the organisation: one that is older than
    /// its last change proves nothing. 0 in tokens of releases before it.
    #[serde(default)]
    pub mbr: i64,
    /// Which of the account's passwords the session began with, as the account counts them. 0 in tokens of releases before it.
    #[serde(default)]
    pub pwd: i32,
    /// Such as `operator`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Space-separated (RFC 8693, section 4.2).
    pub scope: String,
}

impl AccessClaims {
    /// The signed token.
    pub fn sign(&self, key: &SigningKey, kid: &str) -> String {
        let header = Header {
            typ: Some(ACCESS_TYPE.to_owned()),
            kid: Some(kid.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, self, &key.encoding).expect("claims are JSON and the key was checked when it was made")
    }
}

/// The claims of a service's token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ServiceClaims {
    /// The calling service.
    pub(super) iss: String,
    /// The called service.
    pub(super) aud: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
}

/// Signs a service's calls. A token is kept until it is nearly over.
#[derive(Clone)]
pub struct ServiceTokens {
    inner: Arc<Inner>,
}

struct Inner {
    name: &'static str,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    tokens: RwLock<HashMap<String, (Arc<str>, Time)>>,
}

impl ServiceTokens {
    /// Signs as this service.
    pub fn new(name: &'static str, key: SigningKey, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                name,
                key,
                clock,
                tokens: RwLock::default(),
            }),
        }
    }

    /// A token for calls to this service.
    pub fn for_callee(&self, callee: &str) -> Arc<str> {
        let now = self.inner.clock.now();
        if let Some((token, until)) = self.inner.tokens.read().expect("no holder of this lock panics").get(callee)
            && now < *until
        {
            return Arc::clone(token);
        }
        let expires = now.plus(SERVICE_TOKEN);
        let claims = ServiceClaims {
            iss: self.inner.name.to_owned(),
            aud: callee.to_owned(),
            iat: now.micros() / 1_000_000,
            exp: expires.micros() / 1_000_000,
        };
        let header = Header {
            typ: Some(SERVICE_TYPE.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = jsonwebtoken::encode(&header, &claims, &self.inner.key.encoding).expect("claims are JSON and the key was checked");
        let token: Arc<str> = token.into();
        let mut tokens = self.inner.tokens.write().expect("no holder of this lock panics");
        tokens.insert(callee.to_owned(), (Arc::clone(&token), expires.minus(RENEW)));
        token
    }
}
