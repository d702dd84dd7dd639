//! The services that order calls, and what their answers mean for whoever must decide whether to go on.

use std::{future::Future, time::Duration};

use proto::{
    catalog::v1::pricing_service_client::PricingServiceClient, logistics::v1::reservation_service_client::ReservationServiceClient,
    payment::v1::intent_service_client::IntentServiceClient,
};
use runtime::{Error, Organisations, Peer, Start};
use tokio::time::Instant;
use tonic::{Code, Response, Status};

use crate::config::Config;

/// Connections to identity, catalog, logistics and payment. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Peers {
    pub(crate) organisations: Organisations,
    pub(crate) catalog: PricingServiceClient<Peer>,
    pub(crate) logistics: ReservationServiceClient<Peer>,
    pub(crate) payment: IntentServiceClient<Peer>,
}

impl Peers {
    pub(crate) fn connect(start: &Start<Config>) -> Result<Self, Error> {
        Ok(Self {
            organisations: Organisations::of(start.peer("identity")?),
            catalog: PricingServiceClient::new(start.peer("catalog")?),
            logistics: ReservationServiceClient::new(start.peer("logistics")?),
            payment: IntentServiceClient::new(start.peer("payment")?),
        })
    }
}

/// Why a call brought no answer that can be used.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The peer said no, and will say so again: nothing was done.
    Refused(Status),
    /// It may have been done or not: ask again.
    Unknown(Status),
}

/// Calls an idempotent RPC within its time, or what our own caller leaves of it. The peer's connection sends it again when the peer was not there, as it does
/// for every call that its proto calls safe, and nothing else does: tries upon tries would only add to the load of a peer that has too much.
pub(crate) async fn ask<T>(timeout: Duration, call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, NoAnswer> {
    let end = Instant::now() + timeout;
    let end = runtime::deadline().map_or(end, |deadline| deadline.min(end));
    let left = end.saturating_duration_since(Instant::now());
    match tokio::time::timeout_at(end, runtime::within(left, call)).await {
        Ok(Ok(answer)) => Ok(answer.into_inner()),
        Ok(Err(status)) if is_refusal(status.code()) => Err(NoAnswer::Refused(status)),
        Ok(Err(status)) => Err(NoAnswer::Unknown(status)),
        Err(_) => Err(NoAnswer::Unknown(Status::deadline_exceeded("no answer in time"))),
    }
}

/// Codes that say that the request itself is at fault. All others leave open whether it was carried out.
const fn is_refusal(code: Code) -> bool {
    match code {
        Code::InvalidArgument | Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition | Code::OutOfRange => true,
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::Aborted
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}
