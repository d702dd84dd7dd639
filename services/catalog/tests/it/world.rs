//! A catalog that really runs: its own process's wiring, a real database, a real broker, real tokens.

use std::sync::Arc;

use harness::{Database, Nats, until};
use kernel::{AccountId, OrganisationId, Time, uuid::Uuid};
use proto::{
    catalog::v1::{
        self, pricing_service_client::PricingServiceClient, product_service_client::ProductServiceClient,
        store_service_client::StoreServiceClient,
    },
    identity::v1::Jwk,
};
use runtime::{
    Secret, Settings, Start, SystemClock,
    auth::{AccessClaims, ServiceTokens, SigningKey},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt;

/// A catalog with what it needs.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) nats: Nats,
    key: SigningKey,
    order: SigningKey,
    replicas: Vec<Replica>,
}

struct Replica {
    channel: Channel,
    shutdown: CancellationToken,
    process: Option<JoinHandle<Result<(), runtime::Error>>>,
}

/// Somebody who acts for an organisation.
#[derive(Clone, Copy)]
pub(crate) struct Seller(pub(crate) u128);

impl World {
    pub(crate) async fn start(database: Database) -> Self {
        let mut world = Self {
            database,
            nats: Nats::start().await,
            key: SigningKey::generate(),
            order: SigningKey::generate(),
            replicas: Vec::new(),
        };
        world.add_replica().await;
        world
    }

    /// Another process of the same service.
    pub(crate) async fn add_replica(&mut self) {
        self.add_replica_with(catalog::Config::default()).await;
    }

    /// The same with settings of its own; its number.
    pub(crate) async fn add_replica_with(&mut self, config: catalog::Config) -> usize {
        let settings = Settings {
            database: Secret::new(self.database.url()),
            nats: Secret::new(self.nats.url()),
            service_keys: [("order".to_owned(), self.order.public().text())].into(),
            ..Settings::default()
        };
        let start = Start::new("catalog", settings, config, Arc::new(SystemClock)).await.unwrap();
        start.verifier.trust(&[Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            kid: "k1".to_owned(),
            x: self.key.public().text(),
            r#use: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
        }]);
        let address = start.address();
        let shutdown = start.shutdown.clone();
        let process = Some(tokio::spawn(catalog::run(start)));
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let channel = endpoint.connect_lazy();
        until("the catalog serves", || {
            let mut stores = StoreServiceClient::new(channel.clone());
            async move { stores.list_stores(v1::ListStoresRequest::default()).await.is_ok() }
        })
        .await;
        self.replicas.push(Replica {
            channel,
            shutdown,
            process,
        });
        self.replicas.len() - 1
    }

    /// Ends a replica in order.
    pub(crate) async fn stop(&mut self, replica: usize) {
        self.replicas[replica].shutdown.cancel();
        let process = self.replicas[replica].process.take().unwrap();
        process.await.unwrap().unwrap();
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel_at(0)
    }

    pub(crate) fn channel_at(&self, replica: usize) -> Channel {
        self.replicas[replica].channel.clone()
    }

    pub(crate) fn stores(&self) -> StoreServiceClient<Channel> {
        StoreServiceClient::new(self.channel())
    }

    pub(crate) fn products(&self) -> ProductServiceClient<Channel> {
        self.products_at(0)
    }

    pub(crate) fn products_at(&self, replica: usize) -> ProductServiceClient<Channel> {
        ProductServiceClient::new(self.channel_at(replica))
    }

    /// A request with the token of somebody who may do everything in the catalog.
    pub(crate) fn by<T>(&self, seller: Seller, message: T) -> Request<T> {
        self.bearing(self.token(seller, &[]), message)
    }

    /// A request with the token of an operator.
    pub(crate) fn by_operator<T>(&self, message: T) -> Request<T> {
        self.bearing(self.token(Seller(999), &["operator"]), message)
    }

    fn token(&self, seller: Seller, roles: &[&str]) -> String {
        let issuer = Settings::default().token_issuer;
        let claims = AccessClaims {
            iss: issuer.clone(),
            aud: issuer,
            sub: AccountId::from_uuid(Uuid::from_u128(seller.0)),
            org: seller.organisation(),
            client_id: "test".to_owned(),
            jti: "1".to_owned(),
            iat: 0,
            exp: 4_000_000_000,
            sid: None,
            mbr: 1,
            pwd: 0,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            scope: "catalog.write orders.read purchases.write quotations.write".to_owned(),
        };
        claims.sign(&self.key, "k1")
    }

    fn bearing<T>(&self, token: String, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request
            .metadata_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    /// What order gets when it asks a replica for prices of (variant, quantity).
    pub(crate) async fn price_at(&self, replica: usize, lines: &[(&str, i64)]) -> Vec<v1::PricedLine> {
        let line = |(variant, quantity): &(&str, i64)| v1::LineToPrice {
            variant_id: (*variant).to_owned(),
            quantity: *quantity,
            quoted: false,
        };
        let lines = lines.iter().map(line).collect();
        self.price_request_at(replica, v1::PriceLinesRequest { lines }).await.unwrap()
    }

    pub(crate) async fn price_request_at(&self, replica: usize, request: v1::PriceLinesRequest) -> Result<Vec<v1::PricedLine>, Status> {
        let tokens = ServiceTokens::new("order", self.order.clone(), Arc::new(SystemClock));
        let request = self.bearing(tokens.for_callee("catalog").to_string(), request);
        let mut pricing = PricingServiceClient::new(self.channel_at(replica));
        Ok(pricing.price_lines(request).await?.into_inner().lines)
    }

    /// A store of this seller's.
    pub(crate) async fn open_store(&self, seller: Seller) -> v1::Store {
        let request = v1::CreateStoreRequest {
            request_id: String::new(),
            name: "Bolts and more".to_owned(),
            description: "Since 1921".to_owned(),
            country: "DE".to_owned(),
            currency: "USD".to_owned(),
            tax_basis_points: 1_900,
        };
        self.stores().create_store(self.by(seller, request)).await.unwrap().into_inner()
    }

    /// A product on the market.
    pub(crate) async fn list(&self, seller: Seller, request: v1::CreateProductRequest) -> v1::Product {
        self.products().create_product(self.by(seller, request)).await.unwrap().into_inner()
    }

    pub(crate) async fn get(&self, replica: usize, product_id: &str) -> Result<v1::Product, Status> {
        let request = v1::GetProductRequest {
            product_id: product_id.to_owned(),
        };
        self.products_at(replica)
            .get_product(request)
            .await
            .map(tonic::Response::into_inner)
    }
}

impl Seller {
    pub(crate) fn organisation(self) -> OrganisationId {
        OrganisationId::from_uuid(Uuid::from_u128(self.0))
    }
}

/// Two bolts in one product, on the market; article numbers begin with this prefix.
pub(crate) fn bolts(store: &v1::Store, prefix: &str) -> v1::CreateProductRequest {
    v1::CreateProductRequest {
        store_id: store.id.clone(),
        title: "Hex bolt".to_owned(),
        description: "Stainless steel".to_owned(),
        brand: "Acme".to_owned(),
        attributes: vec![v1::Attribute {
            name: "thread".to_owned(),
            value: Some(v1::attribute::Value::Number(8.0)),
            unit: "mm".to_owned(),
        }],
        option_names: vec!["length".to_owned()],
        variants: vec![variant(&format!("{prefix}-10"), "10 mm"), variant(&format!("{prefix}-20"), "20 mm")],
        publish: true,
        ..v1::CreateProductRequest::default()
    }
}

pub(crate) fn variant(sku: &str, length: &str) -> v1::Variant {
    v1::Variant {
        sku: sku.to_owned(),
        option_values: vec![length.to_owned()],
        gtin: "4006381333931".to_owned(),
        price_tiers: vec![tier(10, 500, 1), tier(100, 450, 1), tier(1_000, 400_000, 1_000)],
        order_increment: 5,
        weight_mg: 12_000,
        ..v1::Variant::default()
    }
}

pub(crate) fn tier(min_quantity: i64, cents: i64, unit_quantity: i64) -> v1::PriceTier {
    v1::PriceTier {
        min_quantity,
        price: Some(proto::money::v1::Money {
            minor_units: cents,
            currency: "USD".to_owned(),
        }),
        unit_quantity,
    }
}

/// The fields that a refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

/// The constant that a refusal carries.
pub(crate) fn reason(status: &Status) -> String {
    runtime::problem::reason_of(status).unwrap_or_default()
}

/// The present, for ids.
pub(crate) fn now() -> Time {
    kernel::Clock::now(&SystemClock)
}
