//! A stream of messages, as server-sent events or as NDJSON.
//!
//! The status waits for the first message, so that an early error has its true status; but not for ever, because a stream may well be
//! silent for long. Later errors come as the last event or line. That nothing was read for too long is one of them, and that the token was
//! revoked; the client then goes on behind the last event that it has.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{Stream, stream};
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use tonic::{Status, Streaming};

use super::{
    Call,
    flow::{self, LastWords, Part},
    raw::Raw,
    unary::malformed,
};
use crate::{
    Shared,
    answer::{Answer, Problem},
    codec::{Malformed, Wire},
    guard,
    request::headers::wants,
    routes::Route,
};

/// How the messages are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// `text/event-stream`: an event for each message, its id from the field `sequence` or `id`.
    Events,
    /// `application/x-ndjson`: a line for each message.
    Lines,
}

/// A stream under way.
struct Feed {
    shared: Arc<Shared>,
    route: Arc<Route>,
    request_id: String,
    format: Format,
    messages: Streaming<Bytes>,
    /// What was awaited before the status went out.
    first: Option<Result<Option<Bytes>, Status>>,
    ended: bool,
}

pub(super) async fn carry_out(call: &Call<'_>, message: Bytes) -> Result<Answer, Problem> {
    let open = call.open_stream()?;
    let format = match wants(&call.head.headers, &ACCEPT, "text/event-stream") {
        Some(true) => Format::Events,
        Some(false) | None => Format::Lines,
    };
    let mut client = call.upstream()?.client().await?;
    let mut request = call.request(message);
    // The deadline is for the first sign of life; the stream itself goes on.
    request.metadata_mut().remove("grpc-timeout");
    let response = client.server_streaming(request, call.route.rpc_path.clone(), Raw).await;
    let mut messages = response.map_err(|status| call.problem(&status))?.into_inner();
    let patience = Duration::from_millis(call.shared.config.first_message_ms);
    let first = match tokio::time::timeout(patience, messages.message()).await {
        Ok(Err(status)) => return Err(call.problem(&status)),
        Ok(first) => Some(first),
        Err(_silent) => None,
    };
    let feed = Feed {
        shared: Arc::clone(call.shared),
        route: Arc::clone(call.route),
        request_id: call.request_id.to_owned(),
        format,
        messages,
        first,
        ended: false,
    };
    let words = LastWords {
        stalled: Ok(feed.last_words(&stalled()).into()),
        revoked: Ok(feed.last_words(&guard::revoked()).into()),
    };
    let mut answer = Response::new(flow::body(call, feed.parts(), words, open));
    let content_type = match format {
        Format::Events => "text/event-stream",
        Format::Lines => "application/x-ndjson",
    };
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Proxies that gather answers would hold events back.
    answer
        .headers_mut()
        .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(answer)
}

impl Feed {
    fn parts(self) -> impl Stream<Item = Part> + Send {
        stream::unfold(self, |mut feed| async move {
            let text = feed.next().await?;
            Some((Ok(text.into()), feed))
        })
    }

    /// What is written next; nothing at the end.
    async fn next(&mut self) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let message = match self.first.take() {
            Some(first) => first,
            None => {
                let heartbeat = Duration::from_millis(self.shared.config.heartbeat_ms);
                tokio::select! {
                    biased;
                    // Clients come back to another gateway, from where they were.
                    () = self.shared.ending.cancelled() => return None,
                    message = self.messages.message() => message,
                    () = tokio::time::sleep(heartbeat) => return Some(self.heartbeat()),
                }
            }
        };
        let written = match message {
            Ok(Some(message)) => self.event(&message).map_err(malformed),
            Ok(None) => {
                self.ended = true;
                return (self.format == Format::Events).then(|| b"event: end\ndata: {}\n\n".to_vec());
            }
            Err(status) => Err(Problem::of(&status, &self.route.domain, false, |field| {
                self.route.told_by_service(field)
            })),
        };
        Some(written.unwrap_or_else(|problem| {
            self.ended = true;
            self.last_words(&problem)
        }))
    }

    fn event(&self, message: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::with_capacity(message.len() * 2 + 64);
        if self.format == Format::Events {
            if let Some(id) = self.event_id(message)? {
                out.extend_from_slice(format!("id: {id}\n").as_bytes());
            }
            out.extend_from_slice(b"data: ");
        }
        let plans = &self.shared.plans;
        match &self.route.response_body {
            Some(field) => plans.print_field(self.route.response, field, message, &mut out)?,
            None => plans.print(self.route.response, message, &mut out)?,
        }
        out.extend_from_slice(if self.format == Format::Events { b"\n\n" } else { b"\n" });
        Ok(out)
    }

    fn event_id(&self, message: &[u8]) -> Result<Option<String>, Malformed> {
        let Some(field) = &self.route.roles.event_id else { return Ok(None) };
        let mut json = Vec::new();
        self.shared.plans.print_field(self.route.response, field, message, &mut json)?;
        let text = String::from_utf8(json).map_err(|_| Malformed)?;
        let id = text.trim_matches('"');
        let plain = field.wire() == Wire::Varint || !id.contains('\\');
        Ok((plain && !id.is_empty()).then(|| id.to_owned()))
    }

    fn heartbeat(&self) -> Vec<u8> {
        match self.format {
            Format::Events => b": still here\n\n".to_vec(),
            // Readers of NDJSON pass over empty lines.
            Format::Lines => b"\n".to_vec(),
        }
    }

    fn last_words(&self, problem: &Problem) -> Vec<u8> {
        let json = problem.json(&self.request_id);
        match self.format {
            Format::Events => [b"event: problem\ndata: ", json.as_slice(), b"\n\n"].concat(),
            Format::Lines => [b"{\"problem\":", json.as_slice(), b"}\n"].concat(),
        }
    }
}

fn stalled() -> Problem {
    let detail = "nothing of the stream was read for too long";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "STREAM_STALLED", detail)
}
