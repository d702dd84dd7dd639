//! A running instance of the service, in a runtime of its own so that a test can end it as a crash would.

use std::{net::SocketAddr, sync::Arc};

use kernel::{AccountId, Clock, OrganisationId, Time};
use order::Config;
use proto::{
    identity::v1::Jwk,
    order::v1::{
        cart_service_client::CartServiceClient, checkout_service_client::CheckoutServiceClient, order_service_client::OrderServiceClient,
        quotation_service_client::QuotationServiceClient,
    },
};
use runtime::{
    Settings, Start, SystemClock,
    auth::{AccessClaims, SigningKey},
};
use tokio::runtime::Runtime;
use tonic::{
    Request, Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

const KID: &str = "k1";

pub(crate) struct Instance {
    address: SocketAddr,
    key: SigningKey,
    issuer: String,
    runtime: Option<Runtime>,
}

impl Instance {
    pub(crate) async fn start(settings: Settings, config: Config) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (key, issuer) = (SigningKey::generate(), settings.token_issuer.clone());
        let jwk = Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            kid: KID.to_owned(),
            x: key.public().text(),
            r#use: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
        };
        let running = runtime.spawn(async move {
            let start = Start::new("order", settings, config, Arc::new(SystemClock)).await.unwrap();
            start.verifier.trust(&[jwk]);
            let address = start.address();
            tokio::spawn(async move { order::run(start).await.unwrap() });
            address
        });
        Self {
            address: running.await.unwrap(),
            key,
            issuer,
            runtime: Some(runtime),
        }
    }

    /// Ends it at once: whatever it was doing stays undone.
    pub(crate) fn crash(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that acts for an organisation.
    pub(crate) fn client(&self, organisation: OrganisationId) -> Client {
        self.client_at(self.address, organisation)
    }

    /// As [`Self::client`], by a line to the instance.
    pub(crate) fn client_at(&self, address: SocketAddr, organisation: OrganisationId) -> Client {
        let now = SystemClock.now();
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: AccountId::at(now),
            org: organisation,
            client_id: "test".to_owned(),
            jti: AccountId::at(now).to_string(),
            iat: seconds(now),
            exp: seconds(now) + 3_600,
            sid: None,
            mbr: 1,
            pwd: 0,
            roles: Vec::new(),
            scope: "orders.read orders.write purchases.write quotations.write".to_owned(),
        };
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        let service = InterceptedService::new(channel, Bearer(claims.sign(&self.key, KID)));
        Client {
            carts: CartServiceClient::new(service.clone()),
            quotations: QuotationServiceClient::new(service.clone()),
            checkouts: CheckoutServiceClient::new(service.clone()),
            orders: OrderServiceClient::new(service),
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.end();
    }
}

fn seconds(time: Time) -> i64 {
    time.micros() / 1_000_000
}

type Service = InterceptedService<Channel, Bearer>;

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) carts: CartServiceClient<Service>,
    pub(crate) quotations: QuotationServiceClient<Service>,
    pub(crate) checkouts: CheckoutServiceClient<Service>,
    pub(crate) orders: OrderServiceClient<Service>,
}

#[derive(Clone)]
pub(crate) struct Bearer(String);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let bearer = format!("Bearer {}", self.0).parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }
}
