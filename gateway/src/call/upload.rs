//! An upload: the body goes to the service as a stream of google.api.HttpBody, chunk by chunk as it comes.
//!
//! The first message carries the path, the query and the headers too. A body that grows too large or breaks off must not look like one that
//! came to its end, so the stream then stays open and the whole call is dropped, which the service sees as cancelled.

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::oneshot;

use super::{Call, raw::Raw, unary};
use crate::{
    answer::{Answer, Problem},
    request::{self, body},
};

pub(super) async fn carry_out(call: &Call<'_>, mut body: Incoming, limit: usize) -> Result<Answer, Problem> {
    let first = match body.frame().await {
        Some(frame) => frame.map_err(|_| body::broken())?.into_data().unwrap_or_default(),
        None => Bytes::new(),
    };
    if first.len() > limit {
        body::drain(body).await;
        return Err(body::too_large(limit));
    }
    let head = request::assemble(&call.shared.plans, call.route, call.head, call.segments, &first)?;
    let (spoiled, spoils) = oneshot::channel();
    let route = std::sync::Arc::clone(call.route);
    let rest = chunks(body, limit - first.len(), limit, spoiled).map(move |chunk| {
        let mut message = Vec::with_capacity(chunk.len() + 16);
        request::raw(&route, "", &chunk, &mut message);
        Bytes::from(message)
    });
    let messages = stream::once(std::future::ready(head)).chain(rest);
    let mut client = call.upstream()?.client().await?;
    let response = client.client_streaming(call.request(messages), call.route.rpc_path.clone(), Raw);
    tokio::select! {
        biased;
        Ok(problem) = spoils => Err(problem),
        response = response => unary::answer(call, &response.map_err(|status| call.problem(&status))?.into_inner()),
    }
}

/// The rest of the body; it never ends when it is `spoiled`.
fn chunks(body: Incoming, left: usize, limit: usize, spoiled: oneshot::Sender<Problem>) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold((body, left, spoiled), move |(mut body, left, spoiled)| async move {
        loop {
            let problem = match body.frame().await {
                None => return None,
                Some(Err(_)) => body::broken(),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.len() <= left => {
                        let left = left - data.len();
                        return Some((data, (body, left, spoiled)));
                    }
                    Ok(_) => {
                        body::drain(body).await;
                        body::too_large(limit)
                    }
                    Err(_trailers) => continue,
                },
            };
            // When nobody waits any more, the call is over already.
            let _ = spoiled.send(problem);
            return std::future::pending().await;
        }
    })
}
