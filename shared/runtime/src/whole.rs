//! A call's request as a whole: one that may be sent more than once must not be used up by being sent.

use bytes::Bytes;
use http::{Request, request::Parts};
use http_body_util::{BodyExt, Full};
use tonic::body::Body;

/// A request whose body has been collected.
pub(crate) struct Whole {
    head: Parts,
    body: Bytes,
}

impl Whole {
    /// Collects a request's body.
    ///
    /// # Errors
    /// The request to send instead when our own side broke it off: the peer is told so by an empty one, which no message is.
    pub(crate) async fn of(request: Request<Body>) -> Result<Self, Request<Body>> {
        let (head, body) = request.into_parts();
        match body.collect().await {
            Ok(body) => Ok(Self {
                head,
                body: body.to_bytes(),
            }),
            Err(_) => Err(Request::from_parts(head, Body::empty())),
        }
    }

    /// What every sending says of itself.
    pub(crate) fn head(&mut self) -> &mut Parts {
        &mut self.head
    }

    /// The request, to be sent once more.
    pub(crate) fn request(&self) -> Request<Body> {
        let body = Full::new(self.body.clone()).map_err(|never| match never {});
        Request::from_parts(self.head.clone(), Body::new(body))
    }
}
