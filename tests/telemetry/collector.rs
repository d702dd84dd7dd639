//! A collector as OpenTelemetry's protocol wants it: a real gRPC server that keeps what it is sent.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::{
            ExportLogsServiceRequest, ExportLogsServiceResponse,
            logs_service_server::{LogsService, LogsServiceServer},
        },
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{Metric, metric::Data, number_data_point},
    resource::v1::Resource,
    trace::v1::Span,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// What was sent so far.
#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    spans: Vec<Seen>,
    metrics: Vec<(String, Metric)>,
    /// Everything as text, to be searched.
    text: String,
}

/// A span and the service that it is of.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) service: String,
    pub(crate) span: Span,
}

impl Collector {
    /// Starts to listen; the URL to send to.
    pub(crate) async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()).max_decoding_message_size(64 << 20))
            .add_service(MetricsServiceServer::new(collector.clone()).max_decoding_message_size(64 << 20))
            .add_service(LogsServiceServer::new(collector.clone()).max_decoding_message_size(64 << 20))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(server);
        (collector, url)
    }

    /// Who called whom: for each span with a parent, "service name -> service name".
    pub(crate) fn edges(&self) -> BTreeMap<String, usize> {
        let kept = self.0.lock().unwrap();
        let by_id: HashMap<_, _> = kept.spans.iter().map(|seen| (seen.span.span_id.clone(), seen)).collect();
        let mut edges = BTreeMap::new();
        for seen in &kept.spans {
            if let Some(parent) = by_id.get(&seen.span.parent_span_id) {
                assert_eq!(parent.span.trace_id, seen.span.trace_id, "an edge stays in its trace");
                *edges.entry(format!("{} -> {}", parent.named(), seen.named())).or_default() += 1;
            }
        }
        edges
    }

    pub(crate) fn spans(&self) -> Vec<Seen> {
        self.0.lock().unwrap().spans.clone()
    }

    /// The newest value of a number of a service, added up over its labels.
    pub(crate) fn number(&self, service: &str, name: &str) -> Option<f64> {
        let kept = self.0.lock().unwrap();
        let (_, metric) = kept
            .metrics
            .iter()
            .rev()
            .find(|(of, metric)| of == service && metric.name == name)?;
        let sum = |points: &[opentelemetry_proto::tonic::metrics::v1::NumberDataPoint]| {
            points
                .iter()
                .map(|point| match point.value {
                    Some(number_data_point::Value::AsDouble(number)) => number,
                    #[expect(clippy::cast_precision_loss, reason = "these are small")]
                    Some(number_data_point::Value::AsInt(number)) => number as f64,
                    None => 0.0,
                })
                .sum()
        };
        match metric.data.as_ref()? {
            Data::Gauge(gauge) => Some(sum(&gauge.data_points)),
            Data::Sum(total) => Some(sum(&total.data_points)),
            #[expect(clippy::cast_precision_loss, reason = "these are small")]
            Data::Histogram(histogram) => Some(histogram.data_points.iter().map(|point| point.count as f64).sum()),
            Data::ExponentialHistogram(_) | Data::Summary(_) => None,
        }
    }

    /// The values of a label of a histogram's points.
    pub(crate) fn labels(&self, service: &str, name: &str, label: &str) -> Vec<String> {
        let kept = self.0.lock().unwrap();
        let metrics = kept.metrics.iter().filter(|(of, metric)| of == service && metric.name == name);
        let points = metrics.filter_map(|(_, metric)| match metric.data.as_ref()? {
            Data::Histogram(histogram) => Some(&histogram.data_points),
            _ => None,
        });
        points.flatten().filter_map(|point| text(&point.attributes, label)).collect()
    }

    /// Everything that was sent, as text.
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().text.clone()
    }
}

impl Seen {
    pub(crate) fn named(&self) -> String {
        format!("{} {}", self.service, self.span.name)
    }
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let value = attributes
        .iter()
        .find(|attribute| attribute.key == key)?
        .value
        .as_ref()?
        .value
        .as_ref()?;
    match value {
        Value::StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

fn service(resource: Option<&Resource>) -> String {
    resource
        .and_then(|resource| text(&resource.attributes, "service.name"))
        .unwrap_or_default()
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(&self, request: Request<ExportTraceServiceRequest>) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let request = request.into_inner();
        let mut kept = self.0.lock().unwrap();
        kept.text.push_str(&format!("{request:?}\n"));
        for of_resource in request.resource_spans {
            let service = service(of_resource.resource.as_ref());
            let spans = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            kept.spans.extend(spans.map(|span| Seen {
                service: service.clone(),
                span,
            }));
        }
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(&self, request: Request<ExportMetricsServiceRequest>) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let request = request.into_inner();
        let mut kept = self.0.lock().unwrap();
        kept.text.push_str(&format!("{request:?}\n"));
        for of_resource in request.resource_metrics {
            let service = service(of_resource.resource.as_ref());
            let metrics = of_resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
            kept.metrics.extend(metrics.map(|metric| (service.clone(), metric)));
        }
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Collector {
    async fn export(&self, request: Request<ExportLogsServiceRequest>) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.0.lock().unwrap().text.push_str(&format!("{:?}\n", request.into_inner()));
        Ok(Response::new(Default::default()))
    }
}
