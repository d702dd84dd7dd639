//! What the document says of headers and streams, held against what the gateway does with them.

use std::collections::BTreeSet;

use gateway::Config;
use harness::openapi::Operation;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    described::{described, document},
    setting::{Setting, fields, setting, with},
};

/// A request of an operation by somebody who may, with what cannot be missing.
fn request(setting: &Setting, operation: &Operation<'_>) -> RequestBuilder {
    let path = operation.path().replace("{chunks}", "1").replace("{book.id}", "7");
    let parts = path.split(['{', '}']).enumerate();
    let path: String = parts.map(|(number, part)| if number % 2 == 0 { part } else { "7" }).collect();
    let method: Method = operation.method().to_uppercase().parse().unwrap();
    let body = match operation.id() {
        "TrialService.CreateBook" | "TrialService.UpdateBook" => json!({"title": "T"}),
        "TrialService.Fail" => json!({"how": "precondition"}),
        _ => json!({}),
    };
    let asked = setting.ask(method.clone(), &path);
    let asked = if [Method::GET, Method::DELETE].contains(&method) {
        asked
    } else {
        asked.json(&body)
    };
    asked.bearer_auth(setting.token("books.write", &["operator"]))
}

#[tokio::test]
async fn what_pages_may_send_and_read_is_described() {
    let setting = setting().await;
    let document = document(&setting.client, &setting.url).await;
    let names = |list: &str| list.split(", ").map(str::to_owned).collect::<BTreeSet<_>>();
    let asked = setting.ask(Method::OPTIONS, "/v1/books").header("origin", "https://shop.example");
    let answer = asked.header("access-control-request-method", "GET").send().await.unwrap();
    let told = |name: &str| names(answer.headers()[name].to_str().unwrap());

    let sent: BTreeSet<_> = document
        .operations()
        .flat_map(|one| one.headers().map(str::to_lowercase).collect::<Vec<_>>())
        .collect();
    // Those two are described by what an operation needs and takes, and a page's trace is none of ours.
    let mut sendable = told("access-control-allow-headers");
    assert!(sendable.remove("authorization") && sendable.remove("content-type"));
    assert!(sendable.insert("traceparent".to_owned()));
    assert_eq!(sendable, sent);

    let headers = document.json()["components"]["headers"].as_object().unwrap();
    let described: BTreeSet<_> = headers.keys().map(|name| name.to_lowercase()).collect();
    assert_eq!(told("access-control-expose-headers"), described);
}

#[tokio::test]
async fn an_operation_names_the_headers_that_it_understands_and_no_others() {
    let setting = setting().await;
    let document = document(&setting.client, &setting.url).await;
    let (mut with_key, mut with_etag) = (0, 0);
    for operation in document.operations() {
        let names = |header: &str| operation.headers().any(|name| name == header);
        let answer = described(request(&setting, &operation).header("idempotency-key", "k7")).await;
        let text = String::from_utf8_lossy(answer.body.as_ref().unwrap()).into_owned();
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        assert!(
            answer.status == 200 || json["reason"] == "ORDER_CANCELLED",
            "{}: {text}",
            operation.id()
        );
        let seen: Value = serde_json::from_str(json["request"].as_str().unwrap_or_default()).unwrap_or_default();
        assert_eq!(seen["requestId"] == "k7", names("Idempotency-Key"), "{}", operation.id());
        with_key += usize::from(names("Idempotency-Key"));

        let answer = described(
            request(&setting, &operation)
                .header("if-match", "\"7\"")
                .header("idempotency-key", "k7"),
        )
        .await;
        let json: Value = serde_json::from_slice(&answer.body.unwrap()).unwrap_or_default();
        let refused = fields(&json) == ["If-Match"];
        // What only reads passes over it.
        let reads = operation.method() == "get";
        assert_eq!(names("If-Match"), !refused && !reads, "{}: {json}", operation.id());
        with_etag += usize::from(names("If-Match"));

        let answer = described(
            request(&setting, &operation)
                .header("if-none-match", "*")
                .header("idempotency-key", "k7"),
        )
        .await;
        assert_eq!(answer.status == 304, names("If-None-Match"), "{}", operation.id());
        let lines = operation.headers().filter(|name| *name == "Last-Event-ID").count();
        assert_eq!(lines, usize::from(operation.id() == "TrialService.Watch"));
    }
    assert!(with_key > 1 && with_etag > 2, "{with_key} {with_etag}");
}

#[tokio::test]
async fn a_header_may_look_as_is_described_and_not_otherwise() {
    let setting = setting().await;
    let document = document(&setting.client, &setting.url).await;
    let timeouts = ["2", "2.5", "2.", ".5", "10s", "2500ms"].map(|right| (right, true));
    let no_timeouts = ["soon", "-1", "1e9", "2.5h", "1.2.3", "."].map(|wrong| (wrong, false));
    let etags = ["\"7\"", "*", "W/\"7\""].map(|right| (right, true));
    let no_etags = ["7", "\"7", "\"\"", "\"7\", \"8\"", "w/\"7\""].map(|wrong| (wrong, false));
    let events = [("0", true), ("41", true), ("x", false), ("1.5", false), ("+-1", false)];
    let get = |path: &'static str| (Method::GET, path);
    for (header, (method, path), values) in [
        ("Request-Timeout", get("/v1/books"), [timeouts, no_timeouts].concat()),
        (
            "If-Match",
            (Method::POST, "/v1/loans/7:end"),
            [etags.to_vec(), no_etags.to_vec()].concat(),
        ),
        ("Last-Event-ID", get("/v1/events"), events.to_vec()),
    ] {
        let operation = document.at(method.as_str(), path).unwrap();
        for (value, is_right) in values {
            assert_eq!(operation.faults_of_header(header, value).is_empty(), is_right, "{header}: {value}");
            let answer = described(setting.ask(method.clone(), path).header(header, value)).await;
            assert_eq!(answer.status != 400, is_right, "{header}: {value}");
        }
    }
    let list = document.at("GET", "/v1/books").unwrap();
    for id in ["mine", "a:b_c-d.e", "a b", "é", &"x".repeat(128), &"x".repeat(129)] {
        let answer = described(setting.get("/v1/books").header("x-request-id", id)).await;
        let is_right = list.faults_of_header("X-Request-Id", id).is_empty();
        assert_eq!(answer.headers["x-request-id"] == id, is_right, "{id}");
    }
}

#[tokio::test]
async fn an_answer_has_the_headers_that_are_described() {
    let setting = setting().await;
    let document = document(&setting.client, &setting.url).await;
    let get = document.named("TrialService.GetBook").unwrap();
    let describes = |status: u16, header: &str| get.response(status).unwrap()["headers"].get(header).is_some();
    let read = described(setting.get("/v1/books/7")).await;
    let known = read.headers["etag"].clone();
    let known = described(setting.get("/v1/books/7").header("if-none-match", known)).await;
    assert_eq!((read.status, known.status), (200, 304));
    assert!(known.headers.contains_key("etag") && describes(200, "ETag") && describes(304, "ETag"));

    let refused = described(setting.get("/v1/books/7").bearer_auth("x.y.z")).await;
    assert!(refused.status == 401 && refused.headers.contains_key("www-authenticate") && describes(401, "WWW-Authenticate"));
    let burn = setting.ask(Method::DELETE, "/v1/books/7");
    let forbidden = described(burn.bearer_auth(setting.token("", &["clerk"]))).await;
    assert!(forbidden.status == 403 && forbidden.headers.contains_key("www-authenticate"));

    let late = described(setting.post("/v1/fail", &json!({"how": "slow"})).header("request-timeout", "50ms")).await;
    assert!(late.status == 504 && late.headers.contains_key("retry-after") && describes(504, "Retry-After"));
    let exhausted = described(setting.post("/v1/fail", &json!({"how": "exhausted"}))).await;
    assert!(exhausted.status == 429 && exhausted.headers["retry-after"] == "3" && describes(429, "Retry-After"));
    let (listener, nobody) = crate::setting::listen().await;
    drop(listener);
    let lost = crate::setting::before(Config::default(), &nobody).await;
    let unavailable = described(lost.get("/v1/books/7")).await;
    assert!(unavailable.status == 503 && unavailable.headers.contains_key("retry-after") && describes(503, "Retry-After"));
}

#[tokio::test]
async fn a_stream_is_what_is_described_however_it_is_written() {
    let setting = setting().await;
    for (accept, kind) in [("*/*", "application/x-ndjson"), ("text/event-stream", "text/event-stream")] {
        for then in ["end", "fail"] {
            let events = setting.get(&format!("/v1/events?count=2&then={then}")).header("accept", accept);
            let answer = described(events).await;
            assert_eq!((answer.status, answer.headers["content-type"].to_str().unwrap()), (200, kind));
        }
    }
}

#[tokio::test]
async fn the_limits_that_are_told_are_those_that_are_set() {
    let setting = with(Config {
        deadline_ms: 2_500,
        body_bytes: 7_777,
        requests_per_second_per_address: 0,
        streams_per_principal: 9,
        ..Config::default()
    })
    .await;
    let document = document(&setting.client, &setting.url).await;
    let about = document.json()["info"]["description"].as_str().unwrap();
    assert!(about.contains("7777 bytes in a body") && about.contains("9 streams of one account at once"));
    assert!(
        about.contains("of one account") && !about.contains("from one address"),
        "what has no limit is not told"
    );
    let timeout = &document.json()["components"]["parameters"]["Request-Timeout"]["description"];
    assert!(timeout.as_str().unwrap().contains("that is 2.5 s"), "{timeout}");
}
