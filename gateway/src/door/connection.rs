//! One connection: its version of HTTP, its requests, and its end.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper::{
    Request,
    body::{Body as _, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{io::AsyncReadExt, net::TcpStream};

use super::{
    activity::Activity,
    handle,
    heads::{Heads, Patience, Reader},
    unread,
};
use crate::{
    Shared,
    answer::{Body, MAX_HEADER_BYTES, MAX_HEADERS, MAX_URI_BYTES},
    guard::Slot,
};

/// How connections are served.
pub(super) type Http = auto::Builder<TokioExecutor>;

/// More headers than a request may have, so that we can say so ourselves.
const READ_HEADERS: usize = 4 * MAX_HEADERS;

/// A larger head than a request may have: what is beyond it is refused before it is a request, see [`unread`].
const READ_BYTES: u32 = 4 * (MAX_URI_BYTES + MAX_HEADER_BYTES) as u32;

/// How a client that speaks HTTP/2 begins (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long one that is too many may take to send its request and to read why nothing comes of it.
const HURRY: Duration = Duration::from_secs(1);

/// How every connection is served.
pub(super) fn http(shared: &Shared) -> Http {
    let mut http = auto::Builder::new(TokioExecutor::new());
    // No `pipeline_flush`: it holds answers back while anything is left to read, such as half a request, or one that is malformed.
    http.http1()
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

/// All requests of one connection, which ends with its client, with the process, or when nothing has come for a while.
pub(super) async fn converse(mut stream: TcpStream, address: SocketAddr, mut http: Http, slot: Slot, shared: Arc<Shared>) {
    let wait = |usual_ms| match slot.too_many {
        None => Duration::from_millis(usual_ms),
        Some(_) => HURRY,
    };
    let beginning = tokio::select! {
        () = shared.ending.cancelled() => return,
        beginning = tokio::time::timeout(wait(shared.config.head_ms), beginning(&mut stream)) => beginning,
    };
    let Ok(Ok(beginning)) = beginning else { return };
    let (head_ms, idle_ms) = (shared.config.head_ms, shared.config.idle_ms);
    let (heads, is_http_1) = (Heads::default(), !beginning.starts_with(PREFACE));
    http.http1().timer(Patience {
        head: Duration::from_millis(head_ms),
        idle: Duration::from_millis(idle_ms),
        heads: heads.clone(),
    });
    let (reader, writer) = stream.into_split();
    let reader = Reader::new(io::Cursor::new(beginning).chain(reader), is_http_1.then(|| heads.clone()));
    let stream = tokio::io::join(reader, unread::Writer::new(writer));
    let (activity, too_many) = (Activity::default(), slot.too_many);
    let service = service_fn(|request: Request<Incoming>| {
        heads.complete(!request.body().is_end_stream());
        let (shared, activity, under_way) = (Arc::clone(&shared), activity.clone(), activity.begin());
        async move {
            let answer = handle::handle(&shared, request, address.ip(), too_many).await;
            // A stream goes on until it ends, and looks itself after clients that take nothing of it.
            let until_it_ends = matches!(answer.body(), Body::Stream(_)).then_some(under_way);
            let watch = move || {
                let _until_it_ends = &until_it_ends;
                activity.take();
            };
            Ok::<_, Infallible>(answer.map(|body| body.watched(watch)))
        }
    });
    // In HTTP/1.1 the next head is waited for by hyper. What is left are answers that
    // nobody takes, and a head that begins late must not be cut off here.
    let quiet_ms = if is_http_1 { idle_ms.saturating_add(head_ms) } else { idle_ms };
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = shared.ending.cancelled() => None,
        () = activity.none_for(wait(quiet_ms)) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        // What is under way goes on. A client that does not take what is left for it is not waited for.
        None => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                () = activity.none_for(wait(shared.config.stalled_ms)) => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Reads until a client has said enough to tell its version of HTTP: below, that is waited for without an end.
async fn beginning(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut said = Vec::with_capacity(PREFACE.len());
    while said.len() < PREFACE.len() && PREFACE.starts_with(&said) && stream.read_buf(&mut said).await? > 0 {}
    Ok(said)
}
