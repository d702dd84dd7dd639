//! One request, one response.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header::ETAG};

use super::{Call, raw::Raw};
use crate::{
    answer::{Answer, Problem, bare, etag, whole},
    codec::{Malformed, last_bytes},
    routes::{Output, Route},
};

pub(super) async fn carry_out(call: &Call<'_>, message: Bytes) -> Result<Answer, Problem> {
    let mut client = call.upstream()?.client().await?;
    let response = client.unary(call.request(message), call.route.rpc_path.clone(), Raw).await;
    answer(call, &response.map_err(|status| call.problem(&status))?.into_inner())
}

/// The answer that a response message makes.
pub(super) fn answer(call: &Call<'_>, message: &Bytes) -> Result<Answer, Problem> {
    let etag = call
        .route
        .roles
        .response_etag
        .as_ref()
        .map(|field| etag::text(field, message))
        .transpose();
    let etag = etag.map_err(malformed)?.flatten();
    let mut answer = match etag {
        Some(etag) if call.route.is_safe() && etag::is_known(&call.head.headers, etag) => bare(StatusCode::NOT_MODIFIED),
        Some(_) | None => content(call, message).map_err(malformed)?,
    };
    if let Some(etag) = etag.and_then(etag::header) {
        answer.headers_mut().insert(ETAG, etag);
    }
    Ok(answer)
}

fn content(call: &Call<'_>, message: &Bytes) -> Result<Answer, Malformed> {
    let route = call.route;
    if route.output == Output::Raw {
        let (content_type, data) = http_body(route, message)?;
        return Ok(whole(content_type, data));
    }
    let plans = &call.shared.plans;
    let mut json = Vec::with_capacity(message.len() * 2 + 256);
    match &route.response_body {
        Some(field) => plans.print_field(route.response, field, message, &mut json)?,
        None => plans.print(route.response, message, &mut json)?,
    }
    Ok(whole(HeaderValue::from_static("application/json"), json))
}

/// The content type and the bytes of a google.api.HttpBody, without copying them.
pub(super) fn http_body(route: &Route, message: &Bytes) -> Result<(HeaderValue, Bytes), Malformed> {
    let body = match &route.response_body {
        Some(field) => part(message, field.number)?,
        None => message.clone(),
    };
    let content_type = HeaderValue::from_bytes(&part(&body, 1)?).map_err(|_| Malformed)?;
    let known = if content_type.is_empty() {
        HeaderValue::from_static("application/octet-stream")
    } else {
        content_type
    };
    Ok((known, part(&body, 2)?))
}

/// A field's bytes, as a part of the message's own; empty when the field is absent.
fn part(message: &Bytes, number: u32) -> Result<Bytes, Malformed> {
    Ok(last_bytes(message, number)?
        .map(|found| message.slice_ref(found))
        .unwrap_or_default())
}

pub(super) fn malformed(_: Malformed) -> Problem {
    Problem::bad_upstream()
}
