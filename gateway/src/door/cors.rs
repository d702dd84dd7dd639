//! Calls from web pages of other origins (the Fetch standard's CORS protocol).
//!
//! Nothing here depends on cookies, so a page can do no more than anyone with the same token could.

use http::{
    HeaderMap, HeaderValue,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
    },
    request::Parts,
};

use crate::answer::Answer;

const SENT: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, request-timeout, x-request-id";
const READ: &str = "etag, retry-after, www-authenticate, x-request-id";

/// Says what a page may do with a path, when its browser asks before it does.
pub(crate) fn preflight(head: &Parts, answer: &mut Answer) {
    if head.headers.contains_key(ORIGIN) && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        let methods = answer.headers().get(ALLOW).cloned();
        let headers = answer.headers_mut();
        headers.extend(methods.map(|methods| (ACCESS_CONTROL_ALLOW_METHODS, methods)));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(SENT));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
}

/// Lets a page of an allowed origin read the answer.
pub(crate) fn allow(origins: &str, asked: &HeaderMap, answer: &mut HeaderMap) {
    let Some(origin) = asked.get(ORIGIN) else { return };
    let mut origins = origins.split(',').map(str::trim);
    let allowed = if origins.clone().any(|one| one == "*") {
        HeaderValue::from_static("*")
    } else if origins.any(|one| one.as_bytes() == origin.as_bytes()) {
        answer.append(VARY, HeaderValue::from_static("origin"));
        origin.clone()
    } else {
        return;
    };
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
}
