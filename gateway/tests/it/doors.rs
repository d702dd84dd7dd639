//! Who may come in, how often, and how much they may bring.

use std::time::Duration;

use gateway::Config;
use reqwest::Method;
use serde_json::{Value, json};

use crate::setting::{header, read, refused, seen, setting, with};

#[tokio::test]
async fn a_token_with_the_scope_opens_and_is_passed_on() {
    let setting = setting().await;
    let token = setting.token("books.read books.write", &[]);
    let create = setting
        .post("/v1/shelves/s1/books", &json!({"title": "T"}))
        .header("idempotency-key", "k");
    let (_, metadata) = seen(create.header("authorization", format!("bearer {token}"))).await;
    assert_eq!(metadata["authorization"], format!("Bearer {token}"));
    assert!(metadata["x-request-id"].is_string() && metadata["grpc-timeout"].is_string());
}

#[tokio::test]
async fn without_a_good_token_the_answer_says_what_is_wrong_with_it() {
    let setting = setting().await;
    let burn = || setting.ask(Method::DELETE, "/v1/books/7");
    let answer = burn().send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "www-authenticate")),
        (401, "Bearer realm=\"tradewind\"")
    );
    let answer = burn().bearer_auth("x.y.z").send().await.unwrap();
    assert!(answer.status() == 401 && header(&answer, "www-authenticate").contains("error=\"invalid_token\""));
    assert_eq!(
        refused(burn().header("authorization", "Basic dTpw"), 401).await["reason"],
        "UNAUTHENTICATED"
    );
    let operator = setting.token("", &["operator"]);
    assert_eq!(read(burn().bearer_auth(&operator)).await.0, 200);
    setting.clock.advance(Duration::from_secs(100));
    let answer = burn().bearer_auth(&operator).send().await.unwrap();
    assert!(answer.status() == 401 && header(&answer, "www-authenticate").contains("expired"));
}

#[tokio::test]
async fn a_token_without_the_scope_or_the_role_is_not_enough() {
    let setting = setting().await;
    let token = setting.token("books.read", &["clerk"]);
    let create = setting.post("/v1/shelves/s1/books", &json!({"title": "T"})).bearer_auth(&token);
    let answer = create.send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(header(&answer, "www-authenticate").ends_with("error=\"insufficient_scope\", scope=\"books.write\""));
    assert_eq!(
        refused(setting.ask(Method::DELETE, "/v1/books/7").bearer_auth(&token), 403).await["detail"],
        "this needs one of the roles operator"
    );
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_none_is_needed() {
    let setting = setting().await;
    refused(setting.get("/v1/books/7").bearer_auth("nonsense"), 401).await;
}

#[tokio::test]
async fn a_provider_s_body_and_headers_reach_the_service_as_they_came() {
    let setting = setting().await;
    let event = setting
        .ask(Method::POST, "/v1/providers/acme/events")
        .header("webhook-signature", "v1,abc")
        .header("webhook-id", "7");
    let (request, metadata) = seen(
        event
            .header("content-type", "application/json")
            .header("cookie", "a=b")
            .header("x-validate-only", "true")
            .header("authorization", "bearer of what only the provider knows")
            .body(" {\"a\" :1}\n"),
    )
    .await;
    assert_eq!(
        request,
        json!({"provider": "acme", "body": {"contentType": "application/json", "data": "IHsiYSIgOjF9Cg=="}})
    );
    assert_eq!(
        (&metadata["webhook-signature"], &metadata["webhook-id"], metadata.get("cookie")),
        (&json!("v1,abc"), &json!("7"), None)
    );
    assert_eq!(
        metadata.get("x-validate-only"),
        None,
        "whether it is carried out is not the sender's to say"
    );
    assert_eq!(metadata["authorization"], "bearer of what only the provider knows");
    let (_, metadata) = seen(setting.get("/v1/books").header("webhook-signature", "v1,abc")).await;
    assert!(
        metadata.get("webhook-signature").is_none(),
        "other routes pass on nothing that they do not know"
    );
}

#[tokio::test]
async fn more_headers_than_a_service_takes_are_refused_where_they_are_passed_on() {
    let setting = setting().await;
    let event = |length: usize| {
        setting
            .ask(Method::POST, "/v1/providers/acme/events")
            .header("x-long", "x".repeat(length))
            .body("{}")
    };
    seen(event(10_000)).await;
    assert_eq!(refused(event(14_000), 431).await["reason"], "HEADERS_TOO_LARGE");
    let (status, _) = read(setting.get("/v1/books").header("x-long", "x".repeat(14_000))).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn too_many_requests_of_one_principal_or_address_are_told_when_to_come_again() {
    let setting = with(Config {
        requests_per_second_per_principal: 2,
        requests_per_second_per_address: 0,
        ..Config::default()
    })
    .await;
    let burn = |token: &str| setting.ask(Method::DELETE, "/v1/books/7").bearer_auth(token).send();
    let token = setting.token("", &["operator"]);
    let mut last = burn(&token).await.unwrap();
    for _ in 0..8 {
        last = burn(&token).await.unwrap();
        if last.status() != 200 {
            break;
        }
    }
    assert_eq!((last.status().as_u16(), header(&last, "retry-after")), (429, "1"));
    assert_eq!(
        read(
            setting
                .ask(Method::DELETE, "/v1/books/7")
                .bearer_auth(setting.token("", &["operator"]))
        )
        .await
        .0,
        200,
        "others come in"
    );
    let setting = with(Config {
        requests_per_second_per_address: 1,
        ..Config::default()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(setting.get("/v1/books").send().await.unwrap().status().as_u16());
    }
    assert!(statuses[0] == 200 && statuses.contains(&429), "{statuses:?}");
    for _ in 0..30 {
        assert_eq!(
            read(setting.get("/healthz")).await.0,
            200,
            "whoever asks whether we live may share an address"
        );
    }
}

#[tokio::test]
async fn every_request_is_told_in_the_access_log_without_its_query() {
    let lines = Lines::default();
    let log = tracing_subscriber::fmt().json().flatten_event(true).with_writer(lines.clone());
    // All tests of this process log here from now on, so the line is found by its request id.
    tracing::subscriber::set_global_default(log.finish()).unwrap();
    let setting = setting().await;
    let token = setting.token("", &["operator"]);
    let burn = setting
        .ask(Method::DELETE, "/v1/books/7?x=secret")
        .bearer_auth(&token)
        .header("x-request-id", "r-access-log");
    assert_eq!(burn.send().await.unwrap().status(), 400);
    let text = lines.text();
    let line = text.lines().find(|line| line.contains("r-access-log")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["method"], &line["path"], &line["status"], &line["request_id"]),
        (&json!("DELETE"), &json!("/v1/books/7"), &json!(400), &json!("r-access-log"))
    );
    assert!(line["account"].as_str().unwrap().starts_with("acc_") && line["took_us"].is_u64());
    assert!(!text.contains("secret") && !text.contains(&token));
}

/// Log lines, kept.
#[derive(Clone, Default)]
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::io::Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit() {
    let setting = with(Config {
        body_bytes: 1_000,
        ..Config::default()
    })
    .await;
    let body = |length: usize| format!("{{\"text\": \"{}\"}}", "x".repeat(length - 12));
    let echo = |body: reqwest::Body| setting.ask(Method::POST, "/v1/everything").body(body);
    assert_eq!(read(echo(body(1_000).into())).await.0, 200);
    assert_eq!(refused(echo(body(1_001).into()), 413).await["reason"], "BODY_TOO_LARGE");
    let pieces = vec![Ok::<_, std::io::Error>(body(900)), Ok(body(900))];
    refused(echo(reqwest::Body::wrap_stream(tokio_stream::iter(pieces))), 413).await;
}

#[tokio::test]
async fn the_gateway_s_own_paths_say_which_methods_they_take() {
    let setting = setting().await;
    let answer = setting.ask(Method::POST, "/healthz").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (405, "GET, HEAD, OPTIONS"));
    let answer = setting.ask(Method::OPTIONS, "/openapi.json").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (204, "GET, HEAD, OPTIONS"));
}

/// What is left of the deadline, as gRPC writes it.
fn left(metadata: &Value) -> Duration {
    let (digits, unit) = metadata["grpc-timeout"]
        .as_str()
        .unwrap()
        .split_at(metadata["grpc-timeout"].as_str().unwrap().len() - 1);
    let nanos = match unit {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        _ => 1_000_000_000,
    };
    Duration::from_nanos(digits.parse::<u64>().unwrap() * nanos)
}

#[tokio::test]
async fn a_request_ends_when_its_time_is_over() {
    let setting = with(Config {
        deadline_ms: 200,
        ..Config::default()
    })
    .await;
    let slow = || setting.post("/v1/fail", &json!({"how": "slow"}));
    assert_eq!(refused(slow(), 504).await["reason"], "DEADLINE_EXCEEDED");
    assert_eq!(header(&slow().send().await.unwrap(), "retry-after"), "1");
    let (_, metadata) = seen(setting.get("/v1/books").header("request-timeout", "50ms")).await;
    assert!(left(&metadata) <= Duration::from_millis(50));
    let (_, metadata) = seen(setting.get("/v1/books").header("request-timeout", "60")).await;
    assert!(left(&metadata) <= Duration::from_millis(200), "a client cannot ask for more");
    refused(setting.get("/v1/books").header("request-timeout", "soon"), 400).await;
}
