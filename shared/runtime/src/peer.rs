//! Calls to other services: who we are, what is left of our time, and the trace that goes on.

use std::time::Duration;

use tonic::{
    Request, Status,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Endpoint,
};

use crate::{Replicas, auth::ServiceTokens, deadline, retry::Retrying, telemetry};

/// How large the headers of an answer may be: problems that name many fields are headers.
const HEADERS: u32 = 64 * 1_024;

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
        .http2_max_header_list_size(HEADERS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW))
}
