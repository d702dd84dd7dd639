//! What every answer carries: its id, what browsers and caches must know, and less of it for those who ask.

use gateway::Config;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::setting::{header, setting, with};

#[tokio::test]
async fn every_answer_has_an_id_and_says_what_browsers_must_not_do() {
    let setting = setting().await;
    for path in ["/v1/books/7", "/nothing"] {
        let answer = setting.get(path).send().await.unwrap();
        assert_eq!(header(&answer, "x-request-id").len(), 32);
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert!(header(&answer, "content-security-policy").contains("default-src 'none'"));
        assert_eq!(header(&answer, "cache-control"), "no-cache");
    }
    let answer = setting.get("/v1/books/7").header("x-request-id", "mine").send().await.unwrap();
    assert_eq!(header(&answer, "x-request-id"), "mine");
}

#[tokio::test]
async fn what_is_read_depends_on_who_asks_though_it_is_known_already() {
    let setting = with(Config {
        origins: "https://a.test".to_owned(),
        ..Config::default()
    })
    .await;
    let vary = async |request: RequestBuilder, status: u16| {
        let answer = request.header("origin", "https://a.test").send().await.unwrap();
        assert_eq!(answer.status(), status);
        let lines = answer
            .headers()
            .get_all("vary")
            .iter()
            .map(|line| line.to_str().unwrap().to_owned());
        lines.collect::<Vec<_>>()
    };
    let token = setting.token("", &[]);
    let large = ["accept-encoding", "authorization", "origin"];
    assert_eq!(vary(setting.get("/v1/books/7"), 200).await, large);
    assert_eq!(vary(setting.get("/v1/books/7").bearer_auth(&token), 200).await, large);
    let known = setting.get("/v1/books/7").bearer_auth(&token).header("if-none-match", "\"v7\"");
    assert_eq!(vary(known, 304).await, large);
    assert_eq!(vary(setting.ask(Method::HEAD, "/v1/books/7"), 200).await, large);
    let refused = setting.get("/v1/books/7").bearer_auth("nonsense");
    assert_eq!(vary(refused, 401).await, ["authorization", "origin"]);
    assert_eq!(vary(setting.get("/healthz"), 200).await, ["origin"], "the same for everybody");
    assert_eq!(vary(setting.post("/v1/everything", &json!({})), 200).await, ["origin"], "not kept");
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_ask() {
    use std::io::Read;
    let setting = setting().await;
    let plain = setting.get("/v1/books/7").send().await.unwrap();
    assert_eq!(
        (header(&plain, "content-encoding"), header(&plain, "vary")),
        ("", "accept-encoding")
    );
    let plain = plain.text().await.unwrap();
    let packed = setting
        .get("/v1/books/7")
        .header("accept-encoding", "br, gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (header(&packed, "content-encoding"), header(&packed, "etag")),
        ("gzip", "\"v7-gzip\"")
    );
    let packed = packed.bytes().await.unwrap();
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(packed.as_ref()).read_to_string(&mut unpacked).unwrap();
    assert!(unpacked == plain && packed.len() < 500);
    let small = setting
        .get("/v1/books/7/titles")
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&small, "content-encoding"), "");
}
