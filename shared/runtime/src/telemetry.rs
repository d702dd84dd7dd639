//! Logs always; traces and metrics over OTLP when an endpoint is configured. Without one they cost a check of a flag.

use std::{
    io::IsTerminal,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry::{
    KeyValue,
    metrics::Histogram,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, metrics::SdkMeterProvider, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Level, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{LogFormat, Settings};

static TRACING: AtomicBool = AtomicBool::new(false);

/// Ends telemetry in order when it is dropped: what was recorded is sent.
#[derive(Default)]
pub(crate) struct Telemetry {
    traces: Option<SdkTracerProvider>,
    metrics: Option<SdkMeterProvider>,
}

impl Telemetry {
    /// Starts logging, and exporting if the settings name an endpoint. Called within a tokio runtime.
    pub(crate) fn start(name: &'static str, settings: &Settings) -> Result<Self, String> {
        let filter = || EnvFilter::try_new(&settings.log_filter).map_err(|error| format!("log_filter: {error}"));
        let lines = match settings.log {
            LogFormat::Text => tracing_subscriber::fmt::layer()
                .with_ansi(std::io::stderr().is_terminal())
                .with_writer(std::io::stderr)
                .with_filter(filter()?)
                .boxed(),
            LogFormat::Json => tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(std::io::stderr)
                .with_filter(filter()?)
                .boxed(),
        };
        let registry = tracing_subscriber::registry().with(lines);
        let Some(endpoint) = &settings.otlp else {
            // A second start in one process, as tests do it, keeps the first subscriber.
            let _ = registry.try_init();
            return Ok(Self::default());
        };
        let resource = Resource::builder()
            .with_service_name(name)
            .with_attribute(KeyValue::new("service.namespace", "tradewind"))
            .build();
        let spans = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| error.to_string())?;
        let traces = SdkTracerProvider::builder()
            .with_batch_exporter(spans)
            .with_resource(resource.clone())
            .build();
        let numbers = MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| error.to_string())?;
        let metrics = SdkMeterProvider::builder()
            .with_periodic_exporter(numbers)
            .with_resource(resource)
            .build();
        opentelemetry::global::set_meter_provider(metrics.clone());
        // Our own spans and nothing else: what libraries tell of themselves holds statements, headers and tokens.
        let ours = filter_fn(|about| about.is_span() && *about.level() <= Level::INFO).with_max_level_hint(LevelFilter::INFO);
        let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer("tradewind"));
        let _ = registry.with(spans.with_filter(ours)).try_init();
        TRACING.store(true, Ordering::Relaxed);
        Ok(Self {
            traces: Some(traces),
            metrics: Some(metrics),
        })
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take() {
            let _ = traces.shutdown_with_timeout(Duration::from_secs(2));
        }
        if let Some(metrics) = self.metrics.take() {
            let _ = metrics.shutdown_with_timeout(Duration::from_secs(2));
        }
    }
}

/// Whether traces are exported.
pub fn enabled() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// The W3C traceparent of the current span; nothing when traces are not exported.
pub fn traceparent() -> Option<String> {
    if !enabled() {
        return None;
    }
    let mut carrier = Carrier::default();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.0
}

/// Makes a span the continuation of a W3C traceparent. Done before the span is entered; afterwards it would be too late.
pub fn continue_from(span: &Span, traceparent: &str) {
    if enabled() && !traceparent.is_empty() {
        let context = TraceContextPropagator::new().extract(&Carrier(Some(traceparent.to_owned())));
        if span.set_parent(context).is_err() {
            tracing::debug!("a span could not join its trace");
        }
    }
}

/// Links a span to the one that created what it works on, as OpenTelemetry's messaging conventions ask.
pub fn link_to(span: &Span, traceparent: &str) {
    if enabled() && !traceparent.is_empty() {
        let context = TraceContextPropagator::new().extract(&Carrier(Some(traceparent.to_owned())));
        span.add_link(context.span().span_context().clone());
    }
}

/// The id of the current trace; nothing when traces are not exported.
pub fn trace_id() -> Option<String> {
    enabled().then(|| Span::current().context().span().span_context().trace_id().to_string())
}

/// Gives a span another name, once it is known what it is of.
pub fn rename(span: &Span, name: &str) {
    span.context().span().update_name(name.to_owned());
}

/// The span of an RPC that is served.
pub(crate) fn serving(method: &str, traceparent: &str) -> Span {
    let span = tracing::info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.method = method,
        rpc.grpc.status_code = Empty,
    );
    continue_from(&span, traceparent);
    span
}

/// Says in an RPC's span how it ended; an error is what the service is to blame for.
pub(crate) fn ended(span: &Span, code: tonic::Code) {
    use tonic::Code;
    span.record("rpc.grpc.status_code", i64::from(code as i32));
    let ours = [
        Code::Unknown,
        Code::DeadlineExceeded,
        Code::Unimplemented,
        Code::Internal,
        Code::Unavailable,
        Code::DataLoss,
    ];
    if ours.contains(&code) {
        span.record("otel.status_code", "ERROR");
    }
}

/// Records one served RPC: rate, errors and duration of OpenTelemetry's `rpc.server.duration`.
pub(crate) fn served(method: &str, code: tonic::Code, took: Duration) {
    static DURATION: OnceLock<Histogram<f64>> = OnceLock::new();
    if enabled() {
        let histogram = DURATION.get_or_init(|| {
            opentelemetry::global::meter("tradewind")
                .f64_histogram("rpc.server.duration")
                .with_unit("ms")
                .build()
        });
        let labels = [
            KeyValue::new("rpc.method", method.to_owned()),
            KeyValue::new("rpc.grpc.status_code", i64::from(code as i32)),
        ];
        histogram.record(took.as_secs_f64() * 1_000.0, &labels);
    }
}

/// Holds nothing but a traceparent.
#[derive(Default)]
struct Carrier(Option<String>);

impl Injector for Carrier {
    fn set(&mut self, key: &str, value: String) {
        if key == "traceparent" {
            self.0 = Some(value);
        }
    }
}

impl Extractor for Carrier {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.as_deref().filter(|_| key == "traceparent")
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
