//! What operators ask of a service and do to it, the same for every service that keeps data.
//!
//! The gateway leads here by the service's name in the path, so that an operator needs nothing but the public
//! door and a token: no tunnel into the cluster, no access to a database.

mod audits;
mod letters;
mod present;
mod replay;
mod status;

use std::{collections::BTreeMap, future::Future, sync::Arc};

use futures::future::BoxFuture;
use proto::operations::v1::{
    self as v1,
    operations_service_server::{OperationsService, OperationsServiceServer},
};
use runtime::Violations;
use store::Store;
use tonic::{Request, Response, Status};

pub use self::audits::refuse_page_token;
use crate::{Bus, gauges};

type Audit = Arc<dyn Fn(v1::RunAuditRequest) -> BoxFuture<'static, Result<v1::AuditReport, Status>> + Send + Sync>;

/// The RPCs of one service's operations.
pub struct Operations {
    service: &'static str,
    store: Store,
    bus: Bus,
    audits: BTreeMap<&'static str, Audit>,
}

impl Operations {
    /// Operations of a service: its store, and the bus that its relay and consumers run on.
    pub fn new(service: &'static str, store: &Store, bus: &Bus) -> Self {
        Self {
            service,
            store: store.clone(),
            bus: bus.clone(),
            audits: BTreeMap::new(),
        }
    }

    /// Adds an audit: something that the service promises about its data, and how to find out whether it holds. It looks at as much as one
    /// request has time for, and the token of its report tells it where to go on.
    #[must_use]
    pub fn audit<F, R>(mut self, name: &'static str, run: F) -> Self
    where
        F: Fn(v1::RunAuditRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<v1::AuditReport, Status>> + Send + 'static,
    {
        self.audits.insert(name, Arc::new(move |request| Box::pin(run(request))));
        self
    }

    /// The gRPC service. With telemetry, how the service fares is measured from now on, too.
    pub fn server(self) -> OperationsServiceServer<Self> {
        let operations = Arc::new(self);
        if runtime::telemetry::enabled() {
            tokio::spawn(gauges::measure(Arc::downgrade(&operations)));
        }
        OperationsServiceServer::from_arc(operations)
    }

    /// Updates that wait for the store.
    pub(crate) fn queued(&self) -> usize {
        self.store.queued()
    }

    /// How the service fares.
    pub(crate) async fn status(&self) -> Result<v1::ServiceStatus, Status> {
        status::of(self).await.map_err(broken)
    }

    /// Whether the request came to whom it names.
    fn addressed(&self, check: &mut Violations, service: &str) {
        check.require(service == self.service, "service", "is not the service that answers");
    }

    /// Whether a request that names a consumer names one of ours.
    fn consumed(&self, check: &mut Violations, consumer: &str) {
        let known = consumer.is_empty() || self.bus.consumers().iter().any(|known| known.domain() == consumer);
        check.require(known, "consumer", "is none of this service's consumers");
    }
}

fn broken(error: sea_orm::DbErr) -> Status {
    store::unread(error).into()
}

#[tonic::async_trait]
impl OperationsService for Operations {
    async fn get_service_status(&self, request: Request<v1::GetServiceStatusRequest>) -> Result<Response<v1::ServiceStatus>, Status> {
        status::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn run_audit(&self, request: Request<v1::RunAuditRequest>) -> Result<Response<v1::AuditReport>, Status> {
        audits::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn list_dead_letters(
        &self,
        request: Request<v1::ListDeadLettersRequest>,
    ) -> Result<Response<v1::ListDeadLettersResponse>, Status> {
        letters::list(self, request.into_inner()).await.map(Response::new)
    }

    async fn redrive_dead_letters(
        &self,
        request: Request<v1::RedriveDeadLettersRequest>,
    ) -> Result<Response<v1::RedriveDeadLettersResponse>, Status> {
        replay::redrive(self, request).await.map(Response::new)
    }

    async fn purge_dead_letter(&self, request: Request<v1::PurgeDeadLetterRequest>) -> Result<Response<v1::PurgedLetter>, Status> {
        letters::purge(self, request).await.map(Response::new)
    }

    async fn list_purged_letters(
        &self,
        request: Request<v1::ListPurgedLettersRequest>,
    ) -> Result<Response<v1::ListPurgedLettersResponse>, Status> {
        letters::purged(self, request.into_inner()).await.map(Response::new)
    }

    async fn republish_events(
        &self,
        request: Request<v1::RepublishEventsRequest>,
    ) -> Result<Response<v1::RepublishEventsResponse>, Status> {
        replay::republish(self, request).await.map(Response::new)
    }
}
