//! A download: a stream of google.api.HttpBody becomes the body of the answer. The first message has the content type.

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use super::{
    Call,
    raw::Raw,
    unary::{http_body, malformed},
};
use crate::answer::{Answer, Body, BoxError, Problem};

pub(super) async fn carry_out(call: &Call<'_>, message: Bytes) -> Result<Answer, Problem> {
    let mut client = call.upstream()?.client().await?;
    let response = client
        .server_streaming(call.request(message), call.route.rpc_path.clone(), Raw)
        .await;
    let mut messages = response.map_err(|status| call.problem(&status))?.into_inner();
    let first = messages
        .message()
        .await
        .map_err(|status| call.problem(&status))?
        .unwrap_or_default();
    let (content_type, first) = http_body(call.route, &first).map_err(malformed)?;
    let route = std::sync::Arc::clone(call.route);
    // An error now can only break the body off; the client sees that it did not come to its end.
    let rest = messages.map(move |message| {
        let message = message.map_err(BoxError::from)?;
        http_body(&route, &message).map(|(_, data)| data).map_err(BoxError::from)
    });
    let all = stream::once(std::future::ready(Ok(first))).chain(rest);
    let body = StreamBody::new(all.map(|data: Result<Bytes, BoxError>| data.map(Frame::data)));
    let mut answer = Response::new(Body::Stream(body.boxed_unsync()));
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(answer)
}
