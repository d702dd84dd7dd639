//! What goes back to the client.

mod body;
pub(crate) mod etag;
mod problem;
mod status;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

pub(crate) use self::{
    body::{Body, BoxError},
    problem::{MAX_HEADER_BYTES, MAX_HEADERS, MAX_URI_BYTES, Problem, TYPES},
};

/// An answer.
pub(crate) type Answer = Response<Body>;

/// An answer that is known as a whole.
pub(crate) fn whole(content_type: HeaderValue, content: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Body::Whole(content.into()));
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

/// An answer without content.
pub(crate) fn bare(status: StatusCode) -> Answer {
    let mut answer = Response::new(Body::Whole(Bytes::new()));
    *answer.status_mut() = status;
    answer
}
