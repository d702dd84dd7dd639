//! Listening: HTTP/1.1 and HTTP/2 on one port, and an orderly end.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};

use super::{handle, unread, workers::Worker};
use crate::{
    Shared,
    answer::{HEADER_BYTES, HEADERS, URI_BYTES},
};

type Http = auto::Builder<TokioExecutor>;

/// More headers than a request may have, so that we can say so ourselves.
const READ_HEADERS: usize = 4 * HEADERS;

/// A larger head than a request may have: what is beyond it is refused before it is a request, see [`unread`].
const READ_BYTES: u32 = 4 * (URI_BYTES + HEADER_BYTES) as u32;

/// How a client that speaks HTTP/2 begins (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How often the buckets of clients that went away are thrown out.
const FORGET: Duration = Duration::from_secs(60);

/// A thread's share of the work; without a thread of its own it is done where the gateway is served.
pub(crate) struct Shard {
    pub(crate) worker: Option<Worker>,
    pub(crate) shared: Arc<Shared>,
}

/// Serves until the process is told to end, then finishes what is under way.
pub(crate) async fn serve(shards: Vec<Shard>, listener: TcpListener) {
    let connections = GracefulShutdown::new();
    let Some(Shard { shared, .. }) = shards.first() else { return };
    let http = http(shared);
    let mut forget = tokio::time::interval(FORGET);
    let mut turns = (0..shards.len()).cycle();
    loop {
        tokio::select! {
            () = shared.ending.cancelled() => break,
            _ = forget.tick() => shared.rates.forget(),
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    let shard = &shards[turns.next().unwrap_or_default()];
                    if let Err(error) = shard.take(stream, address, http.clone(), connections.watcher()) {
                        tracing::debug!(%error, "a connection was gone before it was served");
                    }
                }
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
    // Threads are waited for, which must not hold up a runtime.
    let _ = tokio::task::spawn_blocking(move || drop(shards)).await;
}

impl Shard {
    fn take(&self, stream: TcpStream, address: SocketAddr, http: Http, watcher: Watcher) -> io::Result<()> {
        // Nagle's algorithm would hold small answers back.
        stream.set_nodelay(true)?;
        let shared = Arc::clone(&self.shared);
        match &self.worker {
            None => drop(tokio::spawn(converse(stream, address, http, watcher, shared))),
            Some(worker) => {
                let stream = stream.into_std()?;
                worker.spawn(async move {
                    match TcpStream::from_std(stream) {
                        Ok(stream) => converse(stream, address, http, watcher, shared).await,
                        Err(error) => tracing::warn!(%error, "a connection could not be handed over"),
                    }
                });
            }
        }
        Ok(())
    }
}

/// All requests of one connection.
async fn converse(mut stream: TcpStream, address: SocketAddr, http: Http, watcher: Watcher, shared: Arc<Shared>) {
    let patience = Duration::from_millis(shared.config.head_ms);
    let beginning = tokio::select! {
        () = shared.ending.cancelled() => return,
        beginning = tokio::time::timeout(patience, beginning(&mut stream)) => beginning,
    };
    let Ok(Ok(beginning)) = beginning else { return };
    let (reader, writer) = stream.into_split();
    let stream = tokio::io::join(io::Cursor::new(beginning).chain(reader), unread::Writer::new(writer));
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(handle::handle(&shared, request, address.ip()).await) }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Reads until a client has said enough to tell its version of HTTP: below, that is waited for without an end.
async fn beginning(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut said = Vec::with_capacity(PREFACE.len());
    while said.len() < PREFACE.len() && PREFACE.starts_with(&said) && stream.read_buf(&mut said).await? > 0 {}
    Ok(said)
}

fn http(shared: &Shared) -> Http {
    let mut http = auto::Builder::new(TokioExecutor::new());
    // No `pipeline_flush`: it holds answers back while anything is left to read, such as half a request, or one that is malformed.
    http.http1()
        .timer(TokioTimer::new())
        .max_headers(READ_HEADERS)
        .max_buf_size(READ_BYTES as usize)
        .header_read_timeout(Duration::from_millis(shared.config.head_ms));
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(8 << 20)
        .max_header_list_size(READ_BYTES)
        .max_concurrent_streams(shared.config.concurrent_streams);
    http
}
