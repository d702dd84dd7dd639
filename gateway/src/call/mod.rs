//! Carrying a request out: one gRPC call, and its answer as HTTP.

mod download;
mod events;
mod flow;
mod raw;
mod unary;
mod upload;
mod upstream;
mod validate;

use std::{sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, StatusCode, header::AUTHORIZATION, request::Parts};
use hyper::body::Incoming;
use runtime::{
    VALIDATE_ONLY,
    auth::{Access, Principal},
    telemetry,
};
use tokio::time::Instant;
use tonic::{Code, Extensions, Request, Status, metadata::MetadataMap};

pub(crate) use self::upstream::{State, Upstream};
use crate::{
    Shared,
    answer::{Answer, Problem},
    guard::{self, OpenStream},
    request::{self, Unfit, body, headers},
    routes::{Input, Output, Route},
};

/// Headers that belong to one connection, or that HTTP/2 and gRPC set themselves (RFC 9110, section 7.6.1), and what only we tell services.
/// They are not passed on.
const NOT_PASSED_ON: [&str; 15] = [
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    VALIDATE_ONLY,
];

/// How large the headers may be that are passed on as they came; our own come besides, and a service takes 16 KiB.
const MAX_HEADER_BYTES: usize = 12 * 1_024;

/// What a header takes besides its name and value (RFC 9113, section 6.5.2).
const HEADER: usize = 32;

/// A request on its way.
pub(crate) struct Call<'c> {
    pub(crate) shared: &'c Arc<Shared>,
    pub(crate) route: &'c Arc<Route>,
    pub(crate) head: &'c Parts,
    /// The path, split at its slashes, without a verb.
    pub(crate) segments: &'c [&'c str],
    pub(crate) request_id: &'c str,
    /// Who calls, if anybody is signed in.
    pub(crate) principal: Option<Arc<Principal>>,
    /// When the client must have its answer.
    pub(crate) deadline: Instant,
}

impl Call<'_> {
    /// Carries the request out, and takes its body if the head says nothing against it. The rarer
    /// ways are boxed, so that the common one is not as large as the largest.
    pub(crate) async fn carry_out(&self, body: &mut Option<Incoming>) -> Result<Answer, Problem> {
        let input = self.route.input;
        let limit = if input == Input::Upload {
            self.shared.config.upload_bytes
        } else {
            self.shared.config.body_bytes
        };
        body::check(&self.head.headers, self.route, limit)?;
        self.must_fit()?;
        let body = body.take().expect("nobody took it before");
        if input == Input::Upload {
            return self.within(Box::pin(upload::carry_out(self, body, limit))).await;
        }
        let body = tokio::time::timeout_at(self.deadline, body::collect(body, limit))
            .await
            .unwrap_or_else(|_| Err(body::late()))?;
        let message = match request::assemble(&self.shared.plans, self.route, self.head, self.segments, &body) {
            Ok(message) => message,
            Err(Unfit::Unreadable(problem)) => return Err(problem),
            Err(Unfit::Fields(violations, rest)) => return Err(Box::pin(validate::everything(self, violations, rest)).await),
        };
        match self.route.output {
            Output::Json | Output::Raw => self.within(unary::carry_out(self, message)).await,
            Output::Events => self.within(Box::pin(events::carry_out(self, message))).await,
            Output::Download => self.within(Box::pin(download::carry_out(self, message))).await,
        }
    }

    /// What is passed on of a head must be no more than a service takes.
    fn must_fit(&self) -> Result<(), Problem> {
        if self.route.access != Access::ProviderSignature {
            return Ok(());
        }
        let size: usize = self
            .head
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + HEADER)
            .sum();
        if size > MAX_HEADER_BYTES {
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Err(Problem::new(
                status,
                "HEADERS_TOO_LARGE",
                format!("the headers are passed on here, and have more than {MAX_HEADER_BYTES} bytes with {HEADER} more for each"),
            ));
        }
        Ok(())
    }

    /// Waits until the deadline and no longer.
    async fn within<T>(&self, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        tokio::time::timeout_at(self.deadline, work)
            .await
            .unwrap_or_else(|_| Err(Problem::timeout()))
    }

    /// Counts a stream of whoever calls.
    fn open_stream(&self) -> Result<Option<OpenStream>, Problem> {
        self.shared.streams.open(self.principal.as_ref().map(|principal| principal.account))
    }

    fn upstream(&self) -> Result<&Upstream, Problem> {
        let Some(at) = self.route.named_by else {
            return self.shared.upstreams.get(&*self.route.domain).ok_or_else(Problem::bad_upstream);
        };
        let named = self.segments.get(at).and_then(|name| self.shared.upstreams.get(*name));
        named.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "NO_SERVICE", "there is no such service"))
    }

    /// The gRPC request: who calls, in which trace, and with how much time left.
    fn request<T>(&self, message: T) -> Request<T> {
        let mut metadata = http::HeaderMap::with_capacity(8);
        if self.route.access == Access::ProviderSignature {
            // The signature stands in headers whose names only the provider knows.
            let passed_on = self
                .head
                .headers
                .iter()
                .filter(|(name, _)| !NOT_PASSED_ON.contains(&name.as_str()) && !name.as_str().starts_with("grpc-"));
            metadata.extend(passed_on.map(|(name, value)| (name.clone(), value.clone())));
        } else if let Some(token) = guard::passed_on(&self.head.headers) {
            metadata.insert(AUTHORIZATION, token);
        }
        if let Ok(id) = HeaderValue::try_from(self.request_id) {
            metadata.insert(HeaderName::from_static("x-request-id"), id);
        }
        if let Some(traceparent) = telemetry::traceparent().and_then(|text| HeaderValue::try_from(text).ok()) {
            metadata.insert(HeaderName::from_static("traceparent"), traceparent);
        }
        let mut request = Request::from_parts(MetadataMap::from_headers(metadata), Extensions::default(), message);
        request.set_timeout(self.remaining());
        request
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn problem(&self, status: &Status) -> Problem {
        // Our own side of a connection gives up a moment before the deadline, in other words.
        if status.code() == Code::Cancelled && self.remaining() < Duration::from_millis(10) {
            return Problem::timeout();
        }
        let conditional = headers::is_conditional(&self.head.headers);
        Problem::of(status, &self.route.domain, conditional, |field| self.route.told_by_service(field))
    }
}
