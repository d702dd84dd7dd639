//! What the gateway answers itself: whether it lives and is ready, what it serves, and a page to read and try that.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use bytes::Bytes;
use futures::future::join_all;
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_SECURITY_POLICY, ETAG, LOCATION},
    request::Parts,
};
use serde::Serialize;

use super::finish::{Packed, gzip};
use crate::{
    Shared,
    answer::{Answer, bare, etag, whole},
    call::State,
};

/// Tells that the process lives.
pub(super) const ALIVE: &str = "/healthz";

/// The paths that no route may take.
pub(crate) const PATHS: [&str; 7] = ["/", ALIVE, "/readyz", "/openapi.json", "/docs", "/docs/page.js", "/docs/page.css"];

#[derive(Serialize)]
struct Readiness<'u> {
    status: &'static str,
    /// Whether it is known which tokens were revoked.
    revocations: &'static str,
    upstreams: BTreeMap<&'u str, &'static str>,
}

/// The answer to a request for the gateway itself.
pub(crate) async fn answer(shared: &Arc<Shared>, head: &Parts) -> Option<Answer> {
    match head.uri.path() {
        "/" => Some(to_the_page()),
        ALIVE => Some(whole(JSON, r#"{"status":"alive"}"#)),
        "/readyz" => Some(ready(shared, head.uri.query() == Some("all")).await),
        path => shared.documents.get(path).map(|document| document.answer(head)),
    }
}

/// Whoever opens the address in a browser wants to read.
fn to_the_page() -> Answer {
    let mut answer = bare(StatusCode::SEE_OTHER);
    answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/docs"));
    answer
}

/// What the gateway serves that never changes, by path.
pub(crate) type Documents = BTreeMap<&'static str, Document>;

/// The OpenAPI document, and the page to read it.
pub(crate) fn documents(openapi: Vec<u8>) -> Documents {
    let part = |content_type, content: &'static str| Document::of(content_type, content.into());
    BTreeMap::from([
        ("/openapi.json", Document::of("application/json", openapi.into())),
        ("/docs", part("text/html; charset=utf-8", include_str!("../docs/page.html"))),
        (
            "/docs/page.js",
            part("text/javascript; charset=utf-8", include_str!("../docs/page.js")),
        ),
        ("/docs/page.css", part("text/css; charset=utf-8", include_str!("../docs/page.css"))),
    ])
}

/// Content that is compressed once and known by its etag. A page may load what is beside it and call the gateway, and nothing else.
pub(crate) struct Document {
    content_type: HeaderValue,
    content: Bytes,
    packed: Packed,
    etag: HeaderValue,
}

impl Document {
    fn of(content_type: &'static str, content: Bytes) -> Self {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let etag = etag::header(&format!("{:016x}", hasher.finish()));
        Self {
            content_type: HeaderValue::from_static(content_type),
            packed: Packed(gzip(&content)),
            content,
            etag: etag.expect("digits are a header value"),
        }
    }

    fn answer(&self, head: &Parts) -> Answer {
        let known = self.etag.to_str().is_ok_and(|etag| etag::is_known(&head.headers, etag));
        let mut answer = if known {
            bare(StatusCode::NOT_MODIFIED)
        } else {
            whole(self.content_type.clone(), self.content.clone())
        };
        let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        let headers = answer.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        headers.insert(ETAG, self.etag.clone());
        answer.extensions_mut().insert(self.packed.clone());
        answer
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Ready while one service can be reached, because the others' absence is theirs to report, and so is what they miss;
/// with `?all`, only while every replica of every service says that all is well, and it is heard which tokens are
/// revoked. Never before it is known which were, nor while the process ends.
async fn ready(shared: &Shared, all: bool) -> Answer {
    let asked = shared
        .upstreams
        .iter()
        .map(async |(name, upstream)| (&**name, upstream.states().await));
    // A service is as its worst replica is; one that answers is enough to reach it.
    let states = join_all(asked).await;
    let worst = |states: &[State]| states.iter().copied().min().unwrap_or(State::Down);
    let revocations = match (shared.revocations.is_complete(), shared.revocations.is_followed()) {
        (false, _) => "unknown",
        (true, false) => "stale",
        (true, true) => "followed",
    };
    let complete = revocations == "followed" && states.iter().all(|(_, states)| worst(states) == State::Serving);
    let reachable = states.iter().any(|(_, states)| states.iter().any(|state| *state != State::Down));
    let able = !shared.ending.is_cancelled() && shared.revocations.is_complete();
    let ready = able && if all { complete } else { reachable };
    let status = match (ready, complete) {
        (true, true) => "ready",
        (true, false) => "degraded",
        (false, _) => "unready",
    };
    let told = |states: &[State]| match worst(states) {
        State::Serving => "serving",
        State::Unwell => "unwell",
        State::Down => "down",
    };
    let upstreams = states.iter().map(|(name, states)| (*name, told(states))).collect();
    let json = serde_json::to_vec(&Readiness {
        status,
        revocations,
        upstreams,
    })
    .expect("texts are JSON");
    let mut answer = whole(JSON, json);
    if !ready {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    answer
}
