//! A service that has an RPC of every access rule, and tells what it saw.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use harness::Authority;
use proto::{
    identity::v1::{
        GetJwksRequest, Jwks,
        key_service_server::{KeyService, KeyServiceServer},
    },
    payment::v1::{
        self as v1,
        intent_service_server::{IntentService, IntentServiceServer},
        ledger_service_server::{LedgerService, LedgerServiceServer},
        payout_service_server::{PayoutService, PayoutServiceServer},
        provider_service_server::{ProviderService, ProviderServiceServer},
    },
};
use runtime::{Peer, Problem, Replicas, Start, SystemClock};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, service::Routes, transport::Channel};

/// What the service does, and how often it was called.
#[derive(Default)]
pub(crate) struct Stub {
    pub(crate) calls: AtomicU32,
    /// So many calls are answered with UNAVAILABLE first.
    pub(crate) failures: AtomicU32,
    /// The pushback that comes with it.
    pub(crate) pushback: Option<&'static str>,
    pub(crate) sleep: Duration,
    /// So many fields of every call are bad.
    pub(crate) bad_fields: usize,
    /// Where connections came from that a call for keys came by.
    pub(crate) connections: Mutex<BTreeSet<SocketAddr>>,
}

impl Stub {
    async fn answer<T: Default>(&self) -> Result<Response<T>, Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.sleep).await;
        if self.bad_fields > 0 {
            let bad = (0..self.bad_fields).map(|place| (format!("lines[{place}].quantity"), "must be at least 1".to_owned()));
            return Err(Problem::invalid(bad.collect()).into());
        }
        let fails = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if fails.is_err() {
            return Ok(Response::new(T::default()));
        }
        let mut status = Status::unavailable("not now");
        if let Some(pushback) = self.pushback {
            status.metadata_mut().insert("grpc-retry-pushback-ms", pushback.parse().unwrap());
        }
        Err(status)
    }

    pub(crate) fn called(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    /// By how many connections keys were asked for.
    pub(crate) fn connections(&self) -> usize {
        self.connections.lock().unwrap().len()
    }
}

/// A running stub, as the service `payment`, and whose tokens it takes.
pub(crate) struct Setting {
    pub(crate) authority: Authority,
    pub(crate) stub: Arc<Stub>,
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
}

impl Setting {
    pub(crate) async fn new(stub: Stub) -> Self {
        Self::with_connections_of(stub, Duration::from_secs(300)).await
    }

    /// With connections that are not older than this.
    pub(crate) async fn with_connections_of(stub: Stub, age: Duration) -> Self {
        let (authority, stub) = (Authority::new(), Arc::new(stub));
        let mut settings = authority.settings("payment", "", "", &[]);
        settings.connection_age_ms = u64::try_from(age.as_millis()).unwrap();
        let start = Start::new("payment", settings, (), Arc::new(SystemClock)).await.unwrap();
        start.verifier.trust(&authority.jwks());
        let (address, shutdown) = (start.address(), start.shutdown.clone());
        let routes = Routes::new(IntentServiceServer::from_arc(Arc::clone(&stub)))
            .add_service(LedgerServiceServer::from_arc(Arc::clone(&stub)))
            .add_service(PayoutServiceServer::from_arc(Arc::clone(&stub)))
            .add_service(ProviderServiceServer::from_arc(Arc::clone(&stub)))
            .add_service(KeyServiceServer::from_arc(Arc::clone(&stub)));
        tokio::spawn(start.serve(routes));
        Self {
            authority,
            stub,
            address,
            shutdown,
        }
    }

    pub(crate) fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect_lazy()
    }

    /// How the service `order` calls.
    pub(crate) async fn peer(&self) -> Peer {
        self.peer_at(&format!("http://{}", self.address)).await
    }

    /// The same, by these addresses.
    pub(crate) async fn peer_at(&self, urls: &str) -> Peer {
        self.caller(urls).await.peer("payment").unwrap()
    }

    /// How whoever passes on what others said calls.
    pub(crate) async fn replicas(&self) -> Replicas {
        let caller = self.caller(&format!("http://{}", self.address)).await;
        caller.replicas("payment").unwrap()
    }

    async fn caller(&self, urls: &str) -> Start<()> {
        let mut settings = self.authority.settings("order", "", "", &[]);
        settings.peers.insert("payment".to_owned(), urls.to_owned());
        Start::new("order", settings, (), Arc::new(SystemClock)).await.unwrap()
    }
}

#[tonic::async_trait]
impl IntentService for Stub {
    async fn open_intent(&self, _: Request<v1::OpenIntentRequest>) -> Result<Response<v1::Payment>, Status> {
        let mut answer = self.answer::<v1::Payment>().await?;
        // How much time it has left, in milliseconds.
        let left = runtime::deadline().unwrap().saturating_duration_since(tokio::time::Instant::now());
        answer.get_mut().decline_reason = left.as_millis().to_string();
        Ok(answer)
    }

    async fn cancel_intent(&self, _: Request<v1::CancelIntentRequest>) -> Result<Response<v1::CancelIntentResponse>, Status> {
        self.answer().await
    }
}

#[tonic::async_trait]
impl LedgerService for Stub {
    async fn get_trial_balance(&self, _: Request<v1::GetTrialBalanceRequest>) -> Result<Response<v1::TrialBalance>, Status> {
        self.answer().await
    }
}

#[tonic::async_trait]
impl PayoutService for Stub {
    async fn create_payout(&self, _: Request<v1::CreatePayoutRequest>) -> Result<Response<v1::Payout>, Status> {
        self.answer().await
    }

    async fn get_payout(&self, _: Request<v1::GetPayoutRequest>) -> Result<Response<v1::Payout>, Status> {
        self.answer().await
    }

    async fn list_payouts(&self, _: Request<v1::ListPayoutsRequest>) -> Result<Response<v1::ListPayoutsResponse>, Status> {
        self.answer().await
    }
}

#[tonic::async_trait]
impl ProviderService for Stub {
    async fn receive_provider_event(
        &self,
        _: Request<v1::ReceiveProviderEventRequest>,
    ) -> Result<Response<v1::ReceiveProviderEventResponse>, Status> {
        self.answer().await
    }
}

#[tonic::async_trait]
impl KeyService for Stub {
    async fn get_jwks(&self, request: Request<GetJwksRequest>) -> Result<Response<Jwks>, Status> {
        self.connections.lock().unwrap().extend(request.remote_addr());
        self.answer().await
    }
}
