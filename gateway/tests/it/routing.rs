//! Which requests go where.

use std::time::Duration;

use gateway::Config;
use reqwest::Method;
use runtime::auth::{Access, Rules};
use serde_json::json;

use crate::{
    setting::{header, read, refused, seen, setting, with},
    trial::{compile, pool},
};

#[tokio::test]
async fn paths_fill_fields() {
    let setting = setting().await;
    let (request, _) = seen(setting.get("/v1/shelves/a%20b/books/c%2Fd")).await;
    assert_eq!(
        request,
        json!({"name": "shelves/a b/books/c%2Fd"}),
        "an encoded slash is not one between segments"
    );
    let (request, _) = seen(setting.get("/v1/files/a/b/c")).await;
    assert_eq!(request, json!({"name": "a/b/c"}));
    let (request, _) = seen(setting.post("/v1/shelves/s1:sort", &json!({}))).await;
    assert_eq!(request, json!({"name": "shelves/s1"}));
    let (status, book) = read(setting.get("/v1/books/a%3Ab%2Fc")).await;
    assert_eq!((status, &book["id"]), (200, &json!("a:b/c")));
}

#[tokio::test]
async fn what_no_proto_routes_is_not_found() {
    let setting = setting().await;
    for path in [
        "/v2",
        "/v1",
        "/v1/books/",
        "/v1//books",
        "/v1/nothing",
        "/v1/books/1/2/3",
        "/v1/inner",
        "/v1/unruled",
        "/tradewind.trial.v1.TrialService/Echo",
    ] {
        assert_eq!(refused(setting.get(path), 404).await["reason"], "NO_ROUTE", "{path}");
    }
    let rules = Rules::of(pool());
    assert!(
        matches!(rules.get("/tradewind.trial.v1.TrialService/Inner"), Some(Access::Internal(_))),
        "it has a route option all the same"
    );
}

#[tokio::test]
async fn another_method_is_told_which_ones_there_are() {
    let setting = setting().await;
    let answer = setting.ask(Method::PUT, "/v1/books/7").send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "allow")),
        (405, "GET, PATCH, DELETE, HEAD, OPTIONS")
    );
    refused(setting.ask(Method::POST, "/v1/books/7"), 405).await;
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let setting = setting().await;
    let get = setting.get("/v1/books/7").send().await.unwrap();
    let head = setting.ask(Method::HEAD, "/v1/books/7").send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), header(&head, "etag"), header(&head, "content-length")),
        (200, "\"v7\"", header(&get, "content-length"))
    );
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_head_over_http_2_has_no_body_either_and_ends_at_once() {
    let setting = setting().await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let head = |path: &str| {
        client
            .head(format!("{}{path}", setting.url))
            .timeout(Duration::from_secs(20))
            .send()
    };
    let get = setting.get("/v1/books/7").send().await.unwrap();
    let answer = head("/v1/books/7").await.unwrap();
    assert_eq!(
        (answer.version(), answer.status().as_u16(), header(&answer, "content-length")),
        (reqwest::Version::HTTP_2, 200, header(&get, "content-length"))
    );
    assert!(answer.bytes().await.unwrap().is_empty());
    let stream = head("/v1/events?count=1&then=wait").await.unwrap();
    assert_eq!(
        (stream.status().as_u16(), header(&stream, "content-type")),
        (200, "application/x-ndjson")
    );
    assert!(stream.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn browsers_are_told_what_pages_of_other_origins_may_do() {
    let setting = setting().await;
    let preflight = setting
        .ask(Method::OPTIONS, "/v1/books/7")
        .header("origin", "https://shop.test")
        .header("access-control-request-method", "PATCH");
    let answer = preflight.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "access-control-allow-origin")),
        (204, "*")
    );
    assert!(header(&answer, "access-control-allow-methods").contains("PATCH"));
    assert!(header(&answer, "access-control-allow-headers").contains("idempotency-key"));
    let answer = setting
        .get("/v1/books/7")
        .header("origin", "https://shop.test")
        .send()
        .await
        .unwrap();
    assert!(header(&answer, "access-control-expose-headers").contains("etag"));
}

#[tokio::test]
async fn only_the_origins_that_are_configured_may_read_answers() {
    let setting = with(Config {
        origins: "https://a.test, https://b.test".to_owned(),
        ..Config::default()
    })
    .await;
    let ask = |origin: &'static str| setting.get("/healthz").header("origin", origin).send();
    let allowed = ask("https://b.test").await.unwrap();
    assert_eq!(
        (header(&allowed, "access-control-allow-origin"), header(&allowed, "vary")),
        ("https://b.test", "origin")
    );
    assert_eq!(header(&ask("https://c.test").await.unwrap(), "access-control-allow-origin"), "");
}

#[tokio::test]
async fn http_2_is_spoken_on_the_same_port() {
    let setting = setting().await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let answer = client.get(format!("{}/v1/books/7", setting.url)).send().await.unwrap();
    assert_eq!((answer.version(), answer.status().as_u16()), (reqwest::Version::HTTP_2, 200));
}

#[test]
fn two_routes_for_one_request_are_refused_when_they_are_loaded() {
    let error = gateway::check_protos(&compile("tradewind/trial/v1/ambiguous.proto"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "tradewind.trial.v1.AmbiguousService.One and tradewind.trial.v1.AmbiguousService.Other can match the same request"
    );
    let error = gateway::check_protos(&compile("tradewind/trial/v1/senseless.proto"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "tradewind.trial.v1.SenselessService.Lost: tradewind.trial.v1.Empty has no field id"
    );
    gateway::check_protos(pool()).unwrap();
}
