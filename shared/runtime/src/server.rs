//! The gRPC server of a service: authentication, deadlines, traces, health and an orderly end.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, body::Body, service::Routes, transport::Server};
use tower::{Layer, Service};
use tracing::Instrument;

use crate::{
    auth::{AuthLayer, Rules, Verifier},
    health::{self, Condition},
    lingering::Lingering,
    telemetry,
};

/// How long requests under way may still take once the process is told to end.
const DRAIN: Duration = Duration::from_secs(10);

/// What a server is told, besides what it serves.
pub(crate) struct Options {
    pub(crate) verifier: Verifier,
    pub(crate) shutdown: CancellationToken,
    pub(crate) connection_age: Duration,
}

/// Serves until `shutdown`, then finishes what is under way.
pub(crate) async fn serve<F, R>(listener: TcpListener, routes: Routes, condition: F, options: Options) -> Result<(), String>
where
    F: Fn() -> R,
    R: Future<Output = Condition>,
{
    let Options {
        verifier,
        shutdown,
        connection_age,
    } = options;
    let (reporter, health) = health::reporter().await;
    let server = Server::builder()
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(8 << 20)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .max_connection_age(jittered(connection_age))
        .layer(ObserveLayer)
        .layer(AuthLayer::new(Rules::ours(), verifier))
        .add_routes(routes.add_service(health).prepare())
        .serve_with_incoming_shutdown(without_delay(listener), shutdown.clone().cancelled_owned());
    tokio::select! {
        served = server => served.map_err(|error| error.to_string()),
        never = health::tell(reporter, condition, shutdown.clone()) => match never {},
        () = async { shutdown.cancelled().await; tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}

/// A tenth more or less, so that not all processes which started together lose their callers together.
///
/// A connection that has reached its age takes no new calls and ends with the last one on it: its caller opens another, and finds replicas
/// that were not there before. That is what an age is for, where one address leads to many replicas. Nothing under way is cut off: every
/// call has its deadline, and streams end by themselves, as messaging's do after `messaging.stream_s`.
fn jittered(age: Duration) -> Duration {
    age.mul_f64(0.9 + 0.2 * rand::random::<f64>())
}

/// Nagle's algorithm would hold small answers back.
fn without_delay(listener: TcpListener) -> impl tokio_stream::Stream<Item = std::io::Result<Lingering>> {
    use tokio_stream::StreamExt;
    TcpListenerStream::new(listener).map(|connection| {
        let connection = connection?;
        connection.set_nodelay(true)?;
        Ok(Lingering::from(connection))
    })
}

/// One span and one measurement for each request.
#[derive(Clone)]
struct ObserveLayer;

impl<S> Layer<S> for ObserveLayer {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed(inner)
    }
}

#[derive(Clone)]
struct Observed<S>(S);

impl<S> Service<Request<Body>> for Observed<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if !telemetry::enabled() {
            return Box::pin(self.0.call(request));
        }
        let method: Arc<str> = request.uri().path().into();
        let traceparent = request
            .headers()
            .get("traceparent")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let span = telemetry::serving(&method, traceparent);
        let served = span.clone();
        let started = tokio::time::Instant::now();
        let call = self.0.call(request);
        Box::pin(
            async move {
                let response = call.await?;
                let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code());
                telemetry::ended(&served, code);
                telemetry::served(&method, code, started.elapsed());
                Ok(response)
            }
            .instrument(span),
        )
    }
}
