//! What is told of each request: a line of the access log, and with telemetry a span and a measurement.

use std::sync::{Arc, OnceLock};

use http::{Method, request::Parts};
use kernel::AccountId;
use opentelemetry::{KeyValue, metrics::Histogram};
use runtime::telemetry;
use tokio::time::Instant;
use tracing::{Span, field::Empty};

use crate::{answer::Answer, routes::Route};

/// How much of a path is told, in bytes.
const LONGEST: usize = 1_024;

/// The methods that are told by their names.
const KNOWN: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::CONNECT,
    Method::TRACE,
];

/// A method as OpenTelemetry's conventions name it: all that are not known have one name, because clients can make up as many as they like.
fn told(method: &Method) -> &str {
    if KNOWN.contains(method) { method.as_str() } else { "_OTHER" }
}

/// As much of a path as is told of it: whoever sends long ones shall not fill our disks.
fn shortened(path: &str) -> &str {
    &path[..path.floor_char_boundary(LONGEST)]
}

/// A request being served.
pub(crate) struct Observed {
    pub(crate) span: Span,
    pub(crate) route: Option<Arc<Route>>,
    pub(crate) account: Option<AccountId>,
    started: Instant,
}

impl Observed {
    /// Starts watching. The trace's parent is set before the span is entered; afterwards it would be too late.
    pub(crate) fn new(head: &Parts, started: Instant) -> Self {
        let mut span = Span::none();
        if telemetry::enabled() {
            span = tracing::info_span!(
                "http",
                otel.name = told(&head.method),
                otel.kind = "server",
                otel.status_code = Empty,
                http.request.method = told(&head.method),
                http.route = Empty,
                http.response.status_code = Empty,
                url.path = shortened(head.uri.path()),
            );
            let traceparent = head.headers.get("traceparent").and_then(|value| value.to_str().ok());
            telemetry::continue_from(&span, traceparent.unwrap_or_default());
        }
        Self {
            span,
            route: None,
            account: None,
            started,
        }
    }

    /// Tells of the answer. The time is that to its head; a stream goes on. Queries are not told, because they may name people.
    pub(crate) fn served(&self, head: &Parts, answer: &Answer, request_id: &str) {
        let took = self.started.elapsed();
        let status = answer.status().as_u16();
        tracing::info!(
            target: "gateway::access",
            method = %head.method,
            path = shortened(head.uri.path()),
            status,
            took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            request_id,
            account = self.account.map(tracing::field::display),
            "served"
        );
        if telemetry::enabled() {
            static DURATION: OnceLock<Histogram<f64>> = OnceLock::new();
            let histogram = DURATION.get_or_init(|| {
                opentelemetry::global::meter("tradewind")
                    .f64_histogram("http.server.request.duration")
                    .with_unit("s")
                    .build()
            });
            let route = self.route.as_ref().map(|route| route.template.openapi()).unwrap_or_default();
            telemetry::rename(&self.span, format!("{} {route}", told(&head.method)).trim_end());
            self.span.record("http.route", &route);
            self.span.record("http.response.status_code", i64::from(status));
            if status >= 500 {
                self.span.record("otel.status_code", "ERROR");
            }
            let labels = [
                KeyValue::new("http.request.method", told(&head.method).to_owned()),
                KeyValue::new("http.route", route),
                KeyValue::new("http.response.status_code", i64::from(status)),
            ];
            histogram.record(took.as_secs_f64(), &labels);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_clients_make_up_are_told_by_one_name() {
        assert_eq!(told(&Method::PATCH), "PATCH");
        for invented in ["PURGE", "get", "X1"] {
            assert_eq!(told(&invented.parse().unwrap()), "_OTHER");
        }
    }
}
