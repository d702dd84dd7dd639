//! Calls to other services: who we are, what is left of our time, and the trace that goes on.

use std::{future::Future, time::Duration};

use tokio::time::Instant;
use tonic::{
    Code, Request, Response, Status,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Endpoint,
};

use crate::{Problem, Replicas, auth::ServiceTokens, deadline, retry::Retrying, telemetry};

/// How large the headers of an answer may be: problems that name many fields are headers.
const MAX_HEADER_BYTES: u32 = 64 * 1_024;

/// How much of an answer may come before anybody reads it, in bytes.
const STREAM_WINDOW: u32 = 1 << 20;

/// The same for all answers of a connection together: so much that those which nobody reads never keep the others from coming.
const CONNECTION_WINDOW: u32 = 1 << 30;

/// A connection to another service, or to several replicas of it. Cheap to clone.
pub type Peer = InterceptedService<Retrying, Outgoing>;

/// What every call to a peer carries.
#[derive(Clone)]
pub struct Outgoing {
    callee: &'static str,
    tokens: ServiceTokens,
}

impl Interceptor for Outgoing {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let remaining = deadline::remaining();
        if remaining.is_zero() {
            return Err(Status::deadline_exceeded("no time is left for this call"));
        }
        request.set_timeout(remaining);
        let bearer = format!("Bearer {}", self.tokens.for_callee(self.callee));
        let metadata = request.metadata_mut();
        metadata.insert("authorization", MetadataValue::try_from(bearer).expect("a token is ASCII"));
        if let Some(traceparent) = telemetry::traceparent().and_then(|text| MetadataValue::try_from(text).ok()) {
            metadata.insert("traceparent", traceparent);
        }
        Ok(request)
    }
}

/// Why a call brought no answer that can be used.
#[derive(Debug)]
pub enum NoAnswer {
    /// The peer said no, and will say so again: nothing was done.
    Refused(Status),
    /// It may have been done or not: ask again.
    Unknown(Status),
}

impl NoAnswer {
    /// What the peer said, or what our side of the connection did.
    pub fn status(&self) -> &Status {
        let (Self::Refused(status) | Self::Unknown(status)) = self;
        status
    }

    /// Whether the peer says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.status().code() == Code::NotFound
    }

    /// What our own caller hears when it cannot be helped without the answer. The peer's words are for the log. A
    /// caller whose time is over hears just that: the peer had no chance.
    pub fn unavailable(&self, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        if deadline::is_late() {
            tracing::debug!(status = %self.status(), "no time was left for a peer: {detail}");
            return Problem::late("the time that the request was given is over");
        }
        tracing::warn!(status = %self.status(), "a peer gave no answer: {detail}");
        Problem::unavailable(detail)
    }
}

/// Calls an idempotent RPC within its time, or what our own caller leaves of it. The peer's connection sends it
/// again when the peer was not there, as it does for every call that its proto calls safe, and nothing else does:
/// tries upon tries would only add to the load of a peer that has too much.
///
/// # Errors
/// No answer, and whether another try may bring one.
pub async fn ask<T>(timeout: Duration, call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, NoAnswer> {
    let end = Instant::now() + timeout;
    let end = deadline::deadline().map_or(end, |deadline| deadline.min(end));
    let left = end.saturating_duration_since(Instant::now());
    match tokio::time::timeout_at(end, deadline::within(left, call)).await {
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

/// A peer that connects at its first call, and again whenever it must.
pub(crate) fn peer(callee: &'static str, urls: &str, tokens: ServiceTokens) -> Result<Peer, String> {
    Ok(InterceptedService::new(Retrying::new(replicas(urls)?), Outgoing { callee, tokens }))
}

/// Bare connections to one or several URLs, separated by commas.
pub(crate) fn replicas(urls: &str) -> Result<Replicas, String> {
    let endpoints = urls
        .split(',')
        .map(str::trim)
        .filter(|url| !url.is_empty())
        .map(endpoint)
        .collect::<Result<Vec<_>, _>>()?;
    if endpoints.is_empty() {
        return Err("no URL".to_owned());
    }
    Ok(Replicas::of(endpoints.iter().map(Endpoint::connect_lazy)))
}

fn endpoint(url: &str) -> Result<Endpoint, String> {
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|error| format!("{url}: {error}"))?;
    if !matches!(endpoint.uri().scheme_str(), Some("http" | "https")) {
        return Err(format!("{url}: must be a URL such as http://order-service:7000"));
    }
    Ok(endpoint
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(2))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW))
}
