//! The product's own protos behind `gateway::run`, with an identity service that tells its keys.

use std::{collections::BTreeMap, sync::Arc};

use gateway::Config;
use harness::Nats;
use kernel::{AccountId, ManualClock, OrganisationId, Time};
use proto::identity::v1::{
    Account, GetJwksRequest, GetMeRequest, Jwk, Jwks, Me, RegisterRequest,
    account_service_server::{AccountService, AccountServiceServer},
    key_service_server::{KeyService, KeyServiceServer},
};
use runtime::{
    Secret, Settings, Start,
    auth::{AccessClaims, SigningKey},
};
use serde_json::{Value, json};
use tonic::{Request, Response, Status};

use crate::setting::{listen, read, refused};

/// Identity, as far as the gateway needs it.
#[derive(Clone)]
struct Identity(Jwk);

#[tonic::async_trait]
impl KeyService for Identity {
    async fn get_jwks(&self, _: Request<GetJwksRequest>) -> Result<Response<Jwks>, Status> {
        Ok(Response::new(Jwks {
            keys: vec![self.0.clone()],
        }))
    }
}

#[tonic::async_trait]
impl AccountService for Identity {
    async fn register(&self, request: Request<RegisterRequest>) -> Result<Response<Account>, Status> {
        let RegisterRequest {
            email,
            display_name,
            country,
            ..
        } = request.into_inner();
        Ok(Response::new(Account {
            email,
            display_name,
            country,
            ..Account::default()
        }))
    }

    async fn get_me(&self, request: Request<GetMeRequest>) -> Result<Response<Me>, Status> {
        let token = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        let acting_organisation_id = token.unwrap_or_default().to_owned();
        Ok(Response::new(Me {
            acting_organisation_id,
            ..Me::default()
        }))
    }
}

fn claims(issuer: &str) -> AccessClaims {
    AccessClaims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: AccountId::at(Time::default()),
        org: OrganisationId::at(Time::default()),
        client_id: "test".to_owned(),
        jti: "1".to_owned(),
        iat: 0,
        exp: 1_000,
        sid: None,
        mbr: 1,
        pwd: 0,
        roles: Vec::new(),
        scope: String::new(),
    }
}

#[tokio::test]
async fn the_product_s_protos_are_served_and_tokens_are_checked_with_identity_s_keys() {
    let key = SigningKey::generate();
    let (kty, crv, alg) = ("OKP".to_owned(), "Ed25519".to_owned(), "EdDSA".to_owned());
    let identity = Identity(Jwk {
        kty,
        crv,
        kid: "k9".to_owned(),
        x: key.public().text(),
        r#use: "sig".to_owned(),
        alg,
    });
    let (listener, address) = listen().await;
    let services = tonic::service::Routes::new(AccountServiceServer::new(identity.clone())).add_service(KeyServiceServer::new(identity));
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_routes(services)
            .serve_with_incoming(incoming),
    );

    let nats = Nats::start().await;
    let settings = Settings {
        nats: Secret::new(nats.url()),
        peers: BTreeMap::from([("identity".to_owned(), format!("http://{address}"))]),
        ..Settings::default()
    };
    let issuer = settings.token_issuer.clone();
    let start = Start::new("gateway", settings, Config::default(), Arc::new(ManualClock::default()))
        .await
        .unwrap();
    let (url, ending) = (format!("http://{}", start.address()), start.shutdown.clone());
    let gateway = tokio::spawn(gateway::run(start));
    let client = reqwest::Client::new();

    let (status, jwks) = read(client.get(format!("{url}/.well-known/jwks.json"))).await;
    assert_eq!((status, &jwks["keys"][0]["kid"]), (200, &json!("k9")));

    let token = claims(&issuer).sign(&key, "k9");
    let (status, me) = read(client.get(format!("{url}/v1/me")).bearer_auth(&token)).await;
    assert_eq!(
        (status, &me["actingOrganisationId"]),
        (200, &Value::from(format!("Bearer {token}")))
    );
    refused(
        client
            .get(format!("{url}/v1/me"))
            .bearer_auth(claims(&issuer).sign(&SigningKey::generate(), "k9")),
        401,
    )
    .await;

    let account = json!({"email": "a@b.test", "password": "long enough", "displayName": "A", "country": "DE"});
    assert_eq!(
        read(
            client
                .post(format!("{url}/v1/accounts"))
                .header("idempotency-key", "k")
                .json(&account)
        )
        .await
        .1["email"],
        "a@b.test"
    );
    refused(client.get(format!("{url}/v1/products")), 404).await;
    let (_, document) = read(client.get(format!("{url}/openapi.json"))).await;
    assert!(
        document["paths"].get("/v1/accounts").is_some() && document["paths"].get("/v1/products").is_none(),
        "only what is there is described"
    );

    ending.cancel();
    gateway.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_s_time_counts_from_its_beginning_though_identity_hangs() {
    let (silent, address) = listen().await;
    let settings = Settings {
        peers: BTreeMap::from([("identity".to_owned(), format!("http://{address}"))]),
        ..Settings::default()
    };
    let issuer = settings.token_issuer.clone();
    let start = Start::new("gateway", settings, Config::default(), Arc::new(ManualClock::default()))
        .await
        .unwrap();
    let url = format!("http://{}", start.address());
    tokio::spawn(gateway::run(start));
    let token = claims(&issuer).sign(&SigningKey::generate(), "k9");
    let me = reqwest::Client::new().get(format!("{url}/v1/me")).bearer_auth(token);
    refused(me.header("request-timeout", "100ms"), 504).await;
    drop(silent);
}
