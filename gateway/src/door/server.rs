//! Listening: HTTP/1.1 and HTTP/2 on one port, and an orderly end.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::net::{TcpListener, TcpStream};

use super::handle;
use crate::Shared;

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);

/// How often the buckets of clients that went away are thrown out.
const FORGET: Duration = Duration::from_secs(60);

/// Serves until the process is told to end, then finishes what is under way.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    let connections = GracefulShutdown::new();
    let http = http(&shared);
    let mut forget = tokio::time::interval(FORGET);
    loop {
        tokio::select! {
            () = shared.ending.cancelled() => break,
            _ = forget.tick() => shared.rates.forget(),
            accepted = listener.accept() => match accepted {
                Ok((connection, address)) => spawn(&shared, &http, &connections, connection, address),
                // Out of file descriptors, mostly: some will be free in a moment.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    let drain = Duration::from_millis(shared.config.drain_ms);
    if tokio::time::timeout(drain, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

fn http(shared: &Shared) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).pipeline_flush(true);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(8 << 20)
        .max_concurrent_streams(shared.config.concurrent_streams);
    http
}

fn spawn(
    shared: &Arc<Shared>,
    http: &auto::Builder<TokioExecutor>,
    connections: &GracefulShutdown,
    stream: TcpStream,
    address: SocketAddr,
) {
    // Nagle's algorithm would hold small answers back; a socket that refuses is gone already.
    let _ = stream.set_nodelay(true);
    let shared = Arc::clone(shared);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(handle::handle(&shared, request, address.ip()).await) }
    });
    let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service).into_owned());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}
