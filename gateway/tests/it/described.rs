//! Every answer that a test reads, held against the gateway's own description of it.

use harness::openapi::{Answer, Document, Operation};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

/// What the gateway does not describe, because it is nobody's operation.
const OWN: [&str; 7] = [
    "/",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/docs/page.js",
    "/docs/page.css",
];

/// The answer to a request, which must be as the gateway that gives it describes it.
pub(crate) async fn described(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let (method, url) = (request.method().clone(), request.url().clone());
    let answer = client.execute(request).await.unwrap();
    let answer = Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: Some(answer.bytes().await.unwrap().to_vec()),
    };
    // A connection that is one too many could not ask for the document either.
    if OWN.contains(&url.path()) || problem(&answer)["reason"] == "TOO_MANY_CONNECTIONS" {
        return answer;
    }
    let document = document(&client, &url.origin().ascii_serialization()).await;
    match document.at(method.as_str(), url.path()) {
        Some(operation) => {
            let mut faults = operation.faults(&answer);
            faults.extend(strange_reason(&operation, &answer));
            assert!(faults.is_empty(), "{method} {}: {faults:#?}", url.path());
        }
        None => assert!(
            [404, 405].contains(&answer.status),
            "{method} {} is no operation, and was answered with {}",
            url.path(),
            answer.status
        ),
    }
    answer
}

/// The document of the gateway at this address.
pub(crate) async fn document(client: &Client, origin: &str) -> Document {
    let answer = client.get(format!("{origin}/openapi.json")).send().await.unwrap();
    assert_eq!(answer.status(), 200, "the document comes");
    Document::new(answer.json().await.unwrap())
}

/// A reason of the gateway's own that the answer of this status does not name.
fn strange_reason(operation: &Operation<'_>, answer: &Answer) -> Option<String> {
    let problem = problem(answer);
    let own = problem["type"].as_str()?.contains("/problems/gateway/");
    let reason = problem["reason"].as_str().filter(|_| own)?;
    let response = operation.response(answer.status)?;
    let named = response["description"].as_str()?.contains(&format!("`{reason}`"));
    (!named).then(|| format!("the reason {reason} is not named among those of {}", answer.status))
}

fn problem(answer: &Answer) -> Value {
    let body = answer.body.as_deref().filter(|_| answer.status >= 400);
    body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default()
}
