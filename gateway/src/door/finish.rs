//! What the head of every answer says, and compression.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
        REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
    request::Parts,
};

use super::{cors, ids::REQUEST_ID};
use crate::{
    answer::{Answer, Body, etag},
    config::Config,
    request::headers::wants,
};

/// Smaller bodies are not worth it.
const WORTHWHILE: usize = 1_024;

/// What an answer's body is when it is compressed, for one that is the same each time.
#[derive(Clone)]
pub(crate) struct Packed(pub(crate) Bytes);

/// Completes an answer; `ours` says whether it is one of the gateway itself, which are the same for everybody.
pub(crate) fn finish(config: &Config, head: &Parts, request_id: &str, ours: bool, answer: &mut Answer) {
    compress(&head.headers, answer);
    if answer.status() == StatusCode::NOT_MODIFIED {
        known(&head.headers, answer);
    }
    if head.method == Method::HEAD {
        leave_out_body(answer);
    }
    let headers = answer.headers_mut();
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(caching(head)));
    // Each version is counted by itself, so what two see at one address may have the same etag: whoever comes with another token, be it the
    // same person's for another organisation, must not be told that they know what they have not seen (RFC 9110, section 12.5.5).
    if is_read(head) && !ours {
        headers.append(VARY, HeaderValue::from_static("authorization"));
    }
    cors::allow(&config.origins, &head.headers, headers);
}

/// Who may keep the answer: what was read may be kept if it is asked after each time; nothing else may.
fn caching(head: &Parts) -> &'static str {
    match (is_read(head), head.headers.contains_key(AUTHORIZATION)) {
        (true, false) => "no-cache",
        (true, true) => "private, no-cache",
        (false, _) => "no-store",
    }
}

fn is_read(head: &Parts) -> bool {
    matches!(head.method, Method::GET | Method::HEAD)
}

/// What is known already is told by the name that it is known by, and as depending on what it depends on when it is sent.
fn known(asked: &HeaderMap, answer: &mut Answer) {
    let headers = answer.headers_mut();
    if let Some(named) = headers.get(ETAG).and_then(|etag| etag::named_packed(asked, etag)) {
        headers.insert(ETAG, named);
    }
    headers.append(VARY, HeaderValue::from_static("accept-encoding"));
}

/// A HEAD is answered as its GET would be, but for the body (RFC 9110, section 9.3.2); HTTP/2 would send what there is. A stream ends here.
fn leave_out_body(answer: &mut Answer) {
    let left_out = std::mem::replace(answer.body_mut(), Body::Whole(Bytes::new()));
    if let Body::Whole(content) = left_out
        && !content.is_empty()
    {
        answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
    }
}

/// Compresses a body that is large enough and text, if the client takes it. Streams are never held back for that.
fn compress(asked: &HeaderMap, answer: &mut Answer) {
    let Body::Whole(content) = answer.body() else { return };
    if content.len() < WORTHWHILE || !is_text(answer.headers()) || answer.headers().contains_key(CONTENT_ENCODING) {
        return;
    }
    answer.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    if !takes_gzip(asked) {
        return;
    }
    let Body::Whole(content) = answer.body() else { return };
    let known = answer.extensions().get::<Packed>();
    let compressed = known.map_or_else(|| gzip(content), |Packed(known)| known.clone());
    *answer.body_mut() = Body::Whole(compressed);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    if let Some(packed) = headers.get(ETAG).and_then(etag::packed) {
        headers.insert(ETAG, packed);
    }
}

/// The bytes, compressed.
pub(crate) fn gzip(content: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(content.len() / 3), Compression::fast());
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .expect("a vector takes what is written")
        .into()
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml") || kind.ends_with("javascript")
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let wants = |name| wants(asked, &ACCEPT_ENCODING, name);
    wants("gzip").or_else(|| wants("*")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        let takes = |value: &str| takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().unwrap())]));
        assert!(takes("gzip") && takes("br, GZIP;q=0.5") && takes("*"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes("*, gzip; q=0") && !takes_gzip(&HeaderMap::new()));
    }
}
