//! A running identity service, which verifies its callers with its own keys. The
//! peer that its settings name does not answer: it must not ask itself.

use std::{net::SocketAddr, sync::Arc};

use events::{Begin, Bus, Follower};
use harness::{Authority, Database, Nats, Ports};
use identity::Config;
use kernel::Clock;
use proto::identity::v1::{
    self as v1, account_service_client::AccountServiceClient, key_service_client::KeyServiceClient,
    organisation_service_client::OrganisationServiceClient, session_service_client::SessionServiceClient,
};
use runtime::{Start, SystemClock};
use tonic::{Request, Status, metadata::MetadataValue, transport::Channel};

pub(crate) struct Setting {
    channel: Channel,
    replica: Arc<Replica>,
    database: Arc<Database>,
}

/// What each process of the service is started with.
struct Replica {
    authority: Authority,
    nats: Arc<Nats>,
    /// Where nobody listens.
    nowhere: Ports,
    config: Config,
    clock: Arc<dyn Clock>,
}

impl Replica {
    /// Starts one.
    async fn start(&self, database: &Database) -> Channel {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], self.nowhere.first()));
        let settings = self
            .authority
            .settings("identity", database.url(), &self.nats.url(), &[("identity", nowhere)]);
        let start = Start::new("identity", settings, self.config.clone(), Arc::clone(&self.clock))
            .await
            .unwrap();
        let address = start.address();
        tokio::spawn(async move { identity::run(start).await.unwrap() });
        Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy()
    }
}

impl Setting {
    pub(crate) async fn on(database: Database) -> Self {
        Self::configured(database, Config::default()).await
    }

    pub(crate) async fn configured(database: Database, config: Config) -> Self {
        Self::with(database, config, Arc::new(SystemClock)).await
    }

    /// Another process on the same database and broker, with other settings.
    pub(crate) async fn anew(self, config: Config) -> Self {
        Self::over(self.database, Arc::clone(&self.replica.nats), config, Arc::new(SystemClock)).await
    }

    pub(crate) async fn with(database: Database, config: Config, clock: Arc<dyn Clock>) -> Self {
        Self::over(Arc::new(database), Arc::new(Nats::start().await), config, clock).await
    }

    async fn over(database: Arc<Database>, nats: Arc<Nats>, config: Config, clock: Arc<dyn Clock>) -> Self {
        // The least that Argon2 takes: these tests are not about its cost.
        let config = Config {
            argon2_memory_kib: 8,
            argon2_passes: 1,
            ..config
        };
        let replica = Replica {
            authority: Authority::new(),
            nats,
            nowhere: Ports::one(),
            config,
            clock,
        };
        Self {
            channel: replica.start(&database).await,
            replica: Arc::new(replica),
            database,
        }
    }

    /// The same, seen through another process of the service.
    pub(crate) async fn beside(&self) -> Self {
        Self {
            channel: self.replica.start(&self.database).await,
            replica: Arc::clone(&self.replica),
            database: Arc::clone(&self.database),
        }
    }

    /// All that the service tells, from the first.
    pub(crate) async fn follow(&self) -> Follower {
        let bus = Bus::connect(&self.replica.nats.url()).await.unwrap();
        bus.follow("identity", Begin::Sequence(1)).await.unwrap()
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn accounts(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel.clone())
    }

    pub(crate) fn sessions(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.channel.clone())
    }

    pub(crate) fn organisations(&self) -> OrganisationServiceClient<Channel> {
        OrganisationServiceClient::new(self.channel.clone())
    }

    /// The signing key that was published last.
    pub(crate) async fn newest_key(&self) -> Option<String> {
        let mut keys = KeyServiceClient::new(self.channel.clone());
        let jwks = keys.get_jwks(v1::GetJwksRequest {}).await.unwrap().into_inner();
        jwks.keys.last().map(|key| key.kid.clone())
    }

    pub(crate) async fn register(&self, email: &str, key: &str) -> Result<v1::Account, Status> {
        let request = v1::RegisterRequest {
            request_id: key.to_owned(),
            email: email.to_owned(),
            password: "correct horse battery".to_owned(),
            display_name: "Li Wei".to_owned(),
            country: "CN".to_owned(),
        };
        self.accounts().register(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<v1::Tokens, Status> {
        let request = v1::SignInRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            organisation_id: String::new(),
        };
        self.sessions().sign_in(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn refresh(&self, tokens: &v1::Tokens) -> Result<v1::Tokens, Status> {
        let refresh_token = tokens.refresh_token.clone();
        let refreshed = self.sessions().refresh(v1::RefreshRequest { refresh_token }).await;
        refreshed.map(tonic::Response::into_inner)
    }

    pub(crate) async fn sign_out(&self, tokens: &v1::Tokens) {
        let refresh_token = tokens.refresh_token.clone();
        self.sessions().sign_out(v1::SignOutRequest { refresh_token }).await.unwrap();
    }

    pub(crate) async fn act_for(&self, tokens: &v1::Tokens, organisation: &str) -> Result<v1::Tokens, Status> {
        let message = v1::SwitchOrganisationRequest {
            organisation_id: organisation.to_owned(),
            refresh_token: tokens.refresh_token.clone(),
        };
        let request = with(tokens, message);
        self.sessions().switch_organisation(request).await.map(tonic::Response::into_inner)
    }

    /// A company of the one who holds these tokens.
    pub(crate) async fn found(&self, tokens: &v1::Tokens, name: &str) -> v1::Organisation {
        let request = v1::CreateOrganisationRequest {
            request_id: name.to_owned(),
            name: name.to_owned(),
            country: "CN".to_owned(),
        };
        let founded = self.organisations().create_organisation(with(tokens, request)).await;
        founded.unwrap().into_inner()
    }

    pub(crate) async fn me(&self, tokens: &v1::Tokens) -> Result<v1::Me, Status> {
        self.accounts()
            .get_me(with(tokens, v1::GetMeRequest {}))
            .await
            .map(tonic::Response::into_inner)
    }
}

/// A request that carries an access token.
pub(crate) fn with<T>(tokens: &v1::Tokens, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert(
        "authorization",
        MetadataValue::try_from(format!("Bearer {}", tokens.access_token)).unwrap(),
    );
    request
}

pub(crate) fn reason(status: &Status) -> String {
    runtime::problem::reason_of(status).unwrap_or_default()
}

pub(crate) const PASSWORD: &str = "correct horse battery";
