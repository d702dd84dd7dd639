//! The services that order calls, and what their answers mean for whoever must decide whether to go on.

use std::{future::Future, time::Duration};

use proto::{
    catalog::v1::pricing_service_client::PricingServiceClient, logistics::v1::reservation_service_client::ReservationServiceClient,
    payment::v1::intent_service_client::IntentServiceClient,
};
use runtime::{Error, Organisations, Peer, Start};
use tonic::{Code, Response, Status};

use crate::config::Config;

/// How often a step is tried before its caller is told that we do not know.
const TRIES: u32 = 3;

/// The wait before the second try; doubled before each further one.
const BACKOFF: Duration = Duration::from_millis(40);

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

/// Calls an idempotent RPC, a few times if need be, each try within its time.
pub(crate) async fn ask<T, F, R>(timeout: Duration, call: F) -> Result<T, NoAnswer>
where
    F: Fn() -> R,
    R: Future<Output = Result<Response<T>, Status>>,
{
    let mut tries = 0;
    loop {
        let answer = tokio::time::timeout(timeout, call()).await;
        let status = match answer {
            Ok(Ok(answer)) => return Ok(answer.into_inner()),
            Ok(Err(status)) if is_refusal(status.code()) => return Err(NoAnswer::Refused(status)),
            Ok(Err(status)) => status,
            Err(_) => Status::deadline_exceeded("no answer in time"),
        };
        tries += 1;
        let wait = BACKOFF * (1 << tries);
        if tries == TRIES || !time_is_left(wait) {
            return Err(NoAnswer::Unknown(status));
        }
        tokio::time::sleep(wait).await;
    }
}

/// Whether another try makes sense before our own caller gives up.
fn time_is_left(wait: Duration) -> bool {
    runtime::deadline().is_none_or(|deadline| tokio::time::Instant::now() + 2 * wait < deadline)
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
