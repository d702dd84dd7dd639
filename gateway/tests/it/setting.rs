//! A gateway on a socket in front of the trial service on another, and a client.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gateway::{Config, Gateway, Revocations};
use kernel::{AccountId, ManualClock, OrganisationId, Time};
use proto::identity::v1::Jwk;
use reqwest::{Client, Method, RequestBuilder, Response};
use runtime::{
    Replicas,
    auth::{AccessClaims, SigningKey, Verifier},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use tonic_health::ServingStatus;

use crate::{
    described::described,
    trial::{Trial, pool},
};

const ISSUER: &str = "https://issuer.test";

pub(crate) struct Setting {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ending: CancellationToken,
    pub(crate) gateway: JoinHandle<()>,
    key: SigningKey,
}

/// A gateway with the defaults, but without limits of rate, on the thread of its test.
pub(crate) async fn setting() -> Setting {
    with(Config {
        requests_per_second_per_address: 0,
        requests_per_second_per_principal: 0,
        threads: 0,
        ..Config::default()
    })
    .await
}

pub(crate) async fn with(config: Config) -> Setting {
    before(config, &trial().await).await
}

/// Serves the trial service, and tells where.
pub(crate) async fn trial() -> String {
    trial_that_is(ServingStatus::Serving).await
}

/// The same, for a service that says this of itself.
pub(crate) async fn trial_that_is(status: ServingStatus) -> String {
    let (trial, address) = listen().await;
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status("", status).await;
    let routes = tonic::service::Routes::new(Trial).add_service(health);
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(trial);
    tokio::spawn(tonic::transport::Server::builder().add_routes(routes).serve_with_incoming(incoming));
    address
}

/// A gateway before the trial service at this address.
pub(crate) async fn before(config: Config, address: &str) -> Setting {
    before_all(config, &[address]).await
}

/// A gateway before replicas of the trial service at these addresses.
pub(crate) async fn before_all(config: Config, addresses: &[&str]) -> Setting {
    revoking(config, addresses, Revocations::none()).await
}

/// The same, which refuses the tokens that are revoked.
pub(crate) async fn revoking(config: Config, addresses: &[&str], revocations: Revocations) -> Setting {
    let clock = Arc::new(ManualClock::at(Time::from_micros(1_000_000_000)));
    let key = SigningKey::generate();
    let verifier = Verifier::new("gateway", ISSUER, &BTreeMap::new(), None, clock.clone()).unwrap();
    verifier.trust(&[Jwk {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        kid: "k1".to_owned(),
        x: key.public().text(),
        r#use: "sig".to_owned(),
        alg: "EdDSA".to_owned(),
    }]);
    let ending = CancellationToken::new();
    let gateway = Gateway::new(
        pool(),
        &["trial".to_owned()].into(),
        |_| Replicas::of(addresses.iter().map(|address| channel(address))),
        (verifier, revocations),
        config,
        ending.clone(),
    )
    .unwrap();
    let (listener, address) = listen().await;
    let gateway = tokio::spawn(gateway.serve(listener));
    Setting {
        url: format!("http://{address}"),
        client: Client::new(),
        clock,
        ending,
        gateway,
        key,
    }
}

fn channel(address: &str) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
}

pub(crate) async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

impl Setting {
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.url))
            .timeout(Duration::from_secs(20))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.ask(Method::POST, path).json(body)
    }

    /// A token for a minute of the clock.
    pub(crate) fn token(&self, scope: &str, roles: &[&str]) -> String {
        self.sign(&claims(scope, roles))
    }

    pub(crate) fn sign(&self, claims: &AccessClaims) -> String {
        claims.sign(&self.key, "k1")
    }
}

/// What the token of somebody new says.
pub(crate) fn claims(scope: &str, roles: &[&str]) -> AccessClaims {
    AccessClaims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: AccountId::at(Time::default()),
        org: OrganisationId::at(Time::default()),
        client_id: "test".to_owned(),
        jti: "1".to_owned(),
        iat: 1_000,
        exp: 1_060,
        sid: None,
        mbr: 1,
        pwd: 0,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        scope: scope.to_owned(),
    }
}

/// The status and the JSON of an answer.
pub(crate) async fn read(request: RequestBuilder) -> (u16, Value) {
    let answer = described(request).await;
    let text = String::from_utf8(answer.body.unwrap()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (answer.status, json)
}

/// What the service saw of a request that must succeed: its message and its metadata.
pub(crate) async fn seen(request: RequestBuilder) -> (Value, Value) {
    let (status, json) = read(request).await;
    assert_eq!(status, 200, "{json}");
    (
        serde_json::from_str(json["request"].as_str().unwrap()).unwrap(),
        json["metadata"].clone(),
    )
}

/// The problem that a request must end in.
pub(crate) async fn refused(request: RequestBuilder, status: u16) -> Value {
    let answer = described(request).await;
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_slice(&answer.body.unwrap()).unwrap();
    assert_eq!((answer.status, &problem["status"]), (status, &Value::from(status)), "{problem}");
    problem
}

/// The fields that a problem names.
pub(crate) fn fields(problem: &Value) -> Vec<&str> {
    problem["violations"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["field"].as_str().unwrap())
        .collect()
}

pub(crate) fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}
