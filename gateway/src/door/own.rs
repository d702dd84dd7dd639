//! What the gateway answers itself: whether it lives and is ready, what it serves, and a page to read and try that.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::join_all;
use http::{HeaderValue, StatusCode, header::CONTENT_SECURITY_POLICY, request::Parts};
use serde::Serialize;

use crate::{
    Shared,
    answer::{Answer, whole},
};

/// The paths that no route may take.
pub(crate) const PATHS: [&str; 6] = ["/healthz", "/readyz", "/openapi.json", "/docs", "/docs/page.js", "/docs/page.css"];

/// How long a service may take to say that it serves.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Readiness<'u> {
    status: &'static str,
    upstreams: BTreeMap<&'u str, &'static str>,
}

/// The answer to a request for the gateway itself.
pub(crate) async fn answer(shared: &Arc<Shared>, head: &Parts) -> Option<Answer> {
    match head.uri.path() {
        "/healthz" => Some(whole(JSON, r#"{"status":"alive"}"#)),
        "/readyz" => Some(ready(shared, head.uri.query() == Some("all")).await),
        "/openapi.json" => Some(whole(JSON, shared.openapi.clone())),
        "/docs" => Some(page("text/html; charset=utf-8", include_str!("../docs/page.html"))),
        "/docs/page.js" => Some(page("text/javascript; charset=utf-8", include_str!("../docs/page.js"))),
        "/docs/page.css" => Some(page("text/css; charset=utf-8", include_str!("../docs/page.css"))),
        _ => None,
    }
}

/// A part of the page. It may load what is beside it and call the gateway, and nothing else.
fn page(content_type: &'static str, content: &'static str) -> Answer {
    let mut answer = whole(HeaderValue::from_static(content_type), content);
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    answer
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    answer
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Ready while one service can be reached, because the others' absence is theirs to report; with `?all`, only while every one can. Never while
/// the process ends.
async fn ready(shared: &Shared, all: bool) -> Answer {
    // One that does not answer in time is down, and says nothing about the others.
    let asked = shared.upstreams.iter().map(async |(name, upstream)| {
        let serving = tokio::time::timeout(PATIENCE, upstream.is_serving()).await;
        (&**name, serving.unwrap_or(false))
    });
    let states = join_all(asked).await;
    let serving = states.iter().filter(|(_, serving)| *serving).count();
    let complete = serving == shared.upstreams.len();
    let ready = !shared.ending.is_cancelled() && if all { complete } else { serving > 0 };
    let status = match (ready, complete) {
        (true, true) => "ready",
        (true, false) => "degraded",
        (false, _) => "unready",
    };
    let upstreams = states
        .into_iter()
        .map(|(name, serving)| (name, if serving { "serving" } else { "down" }))
        .collect();
    let json = serde_json::to_vec(&Readiness { status, upstreams }).expect("texts are JSON");
    let mut answer = whole(JSON, json);
    if !ready {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    answer
}
