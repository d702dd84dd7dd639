//! The body of a request: how large it may be, and what it must be.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::{
    answer::Problem,
    routes::{self, Input, Route},
};

/// How much of a refused request is read, in bytes.
const DRAINED: usize = 1024 * 1024;

/// How long a refused request is read.
const PATIENCE: Duration = Duration::from_secs(1);

/// The whole body, if it is no larger than `limit` bytes.
pub(crate) async fn collect(mut body: Incoming, limit: usize) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut whole = BytesMut::new();
    let mut first = Bytes::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| broken())?.into_data() else {
            continue;
        };
        if whole.len() + first.len() + data.len() > limit {
            drain(body).await;
            return Err(too_large(limit));
        }
        // Nearly every body comes in one piece, which is then not copied.
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// Reads a body that nobody wants: a client that is still sending would find its connection closed, and not hear why it is refused.
pub(crate) async fn drain(mut body: Incoming) {
    let mut left = DRAINED;
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = left.checked_sub(length) else { break };
            left = rest;
        }
    };
    // Whoever takes longer does not hear it.
    let _ = tokio::time::timeout(PATIENCE, read).await;
}

/// Refuses what the head of a request already tells about its body.
pub(crate) fn check(headers: &HeaderMap, route: &Route, limit: usize) -> Result<(), Problem> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    // What nobody reads may be anything; many clients send an empty body with a type that they always send.
    if matches!(route.body, routes::Body::None) {
        return Ok(());
    }
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if !encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(unsupported("bodies must not be compressed"));
    }
    let json = headers.get_all(CONTENT_TYPE).iter().all(is_json);
    match route.input {
        Input::Json if !json => Err(unsupported("the body must be application/json")),
        Input::Json | Input::Raw | Input::Upload => Ok(()),
    }
}

/// Whether a media type is JSON. A body without any is taken for JSON; one whose type cannot be read is not.
fn is_json(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// What the body says that it is.
pub(crate) fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

pub(crate) fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "BODY_TOO_LARGE",
        format!("the body has more than {limit} bytes"),
    )
}

pub(crate) fn broken() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "BODY_BROKEN_OFF", "the body did not come to its end")
}

/// The client took longer than its request may take, which is no fault of a service.
pub(crate) fn late() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "BODY_LATE", "the body did not come in time")
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
pub(crate) fn no_json(error: serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "NO_JSON", format!("the body is no JSON: {error}"))
}

fn unsupported(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", detail)
}
