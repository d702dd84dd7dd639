//! A download: a stream of google.api.HttpBody becomes the body of the answer. The first message has the content type.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{Response, header::CONTENT_TYPE};

use super::{
    Call,
    flow::{self, Stall},
    raw::Raw,
    unary::{http_body, malformed},
};
use crate::answer::{Answer, BoxError, Problem};

pub(super) async fn carry_out(call: &Call<'_>, message: Bytes) -> Result<Answer, Problem> {
    let open = call.shared.streams.open(call.account)?;
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
    let stall = Stall {
        patience: Duration::from_millis(call.shared.config.stalled_ms),
        last: Err("the client takes nothing".into()),
    };
    let mut answer = Response::new(flow::body(all, stall, open));
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(answer)
}
