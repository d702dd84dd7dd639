//! A download: a stream of google.api.HttpBody becomes the body of the answer. The first message has the content type.

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{Response, header::CONTENT_TYPE};

use super::{
    Call,
    flow::{self, LastWords},
    raw::Raw,
    unary::{http_body, malformed},
};
use crate::answer::{Answer, BoxError, Problem};

pub(super) async fn carry_out(call: &Call<'_>, message: Bytes) -> Result<Answer, Problem> {
    let open = call.open_stream()?;
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
    let words = LastWords {
        stalled: Err("the client takes nothing".into()),
        revoked: Err("the token was revoked".into()),
    };
    let mut answer = Response::new(flow::body(call, all, words, open));
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(answer)
}
