//! Identity's and the other services' keys, held by a test: it issues whatever token it needs.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use kernel::{AccountId, Clock, OrganisationId};
use proto::identity::v1::Jwk;
use runtime::{
    Secret, Settings, Start, SystemClock,
    auth::{AccessClaims, Rules, ServiceTokens, SigningKey},
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::Interceptor,
};

/// Issues the tokens of people and services.
pub struct Authority {
    clock: Arc<dyn Clock>,
    access: SigningKey,
    services: BTreeMap<&'static str, SigningKey>,
}

impl Authority {
    /// New keys for everyone.
    pub fn new() -> Self {
        Self::at(Arc::new(SystemClock))
    }

    /// New keys for everyone, and tokens that are issued by this clock.
    pub fn at(clock: Arc<dyn Clock>) -> Self {
        let services = ["identity", "catalog", "order", "payment", "logistics", "messaging", "gateway"];
        Self {
            clock,
            access: SigningKey::generate(),
            services: services.map(|name| (name, SigningKey::generate())).into(),
        }
    }

    /// What `Verifier::trust` takes, so that a service under test knows our access tokens.
    pub fn jwks(&self) -> Vec<Jwk> {
        vec![Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: self.access.public().text(),
            kid: "test".to_owned(),
            r#use: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
        }]
    }

    /// The settings of a service under test: any loopback port, its own key, and everyone's public keys.
    pub fn settings(&self, service: &str, database: &str, nats: &str, peers: &[(&str, SocketAddr)]) -> Settings {
        Settings {
            database: Secret::new(database),
            nats: Secret::new(nats),
            peers: peers
                .iter()
                .map(|(name, address)| ((*name).to_owned(), format!("http://{address}")))
                .collect(),
            service_key: Secret::new(self.services[service].reveal()),
            service_keys: self
                .services
                .iter()
                .map(|(name, key)| ((*name).to_owned(), key.public().text()))
                .collect(),
            ..Settings::default()
        }
    }

    /// A service under test, which trusts our tokens and goes by our clock.
    pub async fn start<C>(&self, service: &'static str, settings: Settings, config: C) -> Start<C> {
        let start = Start::new(service, settings, config, Arc::clone(&self.clock)).await.unwrap();
        start.verifier.trust(&self.jwks());
        start
    }

    /// A request of somebody who acts for this organisation, with every scope.
    pub fn person<T>(&self, organisation: OrganisationId, message: T) -> Request<T> {
        self.person_with(organisation, &scopes(), &[], message)
    }

    /// A request of an operator.
    pub fn operator<T>(&self, organisation: OrganisationId, message: T) -> Request<T> {
        self.person_with(organisation, &scopes(), &["operator"], message)
    }

    /// A request as [`Authority::person`] makes, whose token is good for so many seconds.
    pub fn person_for<T>(&self, seconds: i64, organisation: OrganisationId, message: T) -> Request<T> {
        self.issue(seconds, organisation, &scopes(), &[], message)
    }

    /// A request with these scopes and roles.
    pub fn person_with<T>(&self, organisation: OrganisationId, scopes: &str, roles: &[&str], message: T) -> Request<T> {
        self.issue(3_600, organisation, scopes, roles, message)
    }

    fn issue<T>(&self, seconds: i64, organisation: OrganisationId, scopes: &str, roles: &[&str], message: T) -> Request<T> {
        let now = self.clock.now().micros() / 1_000_000;
        let issuer = Settings::default().token_issuer;
        let claims = AccessClaims {
            iss: issuer.clone(),
            aud: issuer,
            sub: AccountId::derived(organisation, "person"),
            org: organisation,
            client_id: "test".to_owned(),
            jti: "test".to_owned(),
            iat: now,
            exp: now + seconds,
            sid: None,
            mbr: 1,
            pwd: 0,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            scope: scopes.to_owned(),
        };
        bearer(&claims.sign(&self.access, "test"), message)
    }

    /// Signs calls as [`Authority::person`] does requests.
    pub fn bearer(&self, organisation: OrganisationId) -> Bearer {
        Bearer::of(&self.person(organisation, ()))
    }

    /// Signs calls of one service to another.
    pub fn service_bearer(&self, caller: &'static str, callee: &str) -> Bearer {
        Bearer::of(&self.service(caller, callee, ()))
    }

    /// A request of one service to another.
    pub fn service<T>(&self, caller: &'static str, callee: &str, message: T) -> Request<T> {
        let tokens = ServiceTokens::new(caller, self.services[caller].clone(), Arc::clone(&self.clock));
        bearer(&tokens.for_callee(callee), message)
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// Signs every call of a client with one token.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Bearer {
    /// With the token of this request.
    fn of(request: &Request<()>) -> Self {
        Self(request.metadata().get("authorization").unwrap().clone())
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

fn bearer<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", MetadataValue::try_from(format!("Bearer {token}")).unwrap());
    request
}

/// Every scope that there is.
fn scopes() -> String {
    Rules::ours().scopes().into_iter().collect::<Vec<_>>().join(" ")
}
