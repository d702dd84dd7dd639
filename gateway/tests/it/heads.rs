//! Heads that are malformed, too large, or may be read in two ways.

use reqwest::{Client, header::HeaderMap};
use serde_json::Value;

use crate::{
    connections::{heard, said},
    setting::{refused, setting},
};

/// The statuses of all answers in what was heard.
fn statuses(heard: &str) -> Vec<&str> {
    heard.match_indices("HTTP/1.1 ").map(|(at, _)| &heard[at + 9..at + 12]).collect()
}

/// The one problem in what was heard.
fn problem(heard: &str) -> (String, Value) {
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/problem+json"), "{heard}");
    let problem: Value = serde_json::from_str(body).unwrap();
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    assert_eq!(problem["instance"], id, "{heard}");
    (head.to_owned(), problem)
}

#[tokio::test]
async fn what_is_no_request_is_a_problem_before_the_connection_is_closed() {
    let setting = setting().await;
    for head in [
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        "G@T /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /healthz HTTP/7.0\r\nHost: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n\tfolded\r\n\r\n",
        "POST /v1/fail HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        "POST /v1/fail HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 3\r\n\r\n{}x",
        "POST /v1/fail HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/fail HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}",
        "POST /v1/fail HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /v1/fail HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /v1/fail HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let heard = heard(said(&setting, head.as_bytes()).await).await;
        assert_eq!(statuses(&heard), ["400"], "{head}: {heard}");
        let (answered, problem) = problem(&heard);
        assert_eq!(
            (&problem["reason"], &problem["status"]),
            (&"MALFORMED".into(), &400.into()),
            "{head}"
        );
        assert!(answered.contains("connection: close"), "{head}: {heard}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_a_problem_however_large_it_is() {
    let setting = setting().await;
    let headers = |count: usize, length: usize| {
        let lines: String = (0..count).map(|at| format!("X-{at}: {}\r\n", "y".repeat(length))).collect();
        format!("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n")
    };
    let uri = |length: usize| {
        format!(
            "GET /healthz?{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "x".repeat(length)
        )
    };
    for (head, status, reason) in [
        (uri(17_000), "414", "URI_TOO_LONG"),
        (uri(70_000), "414", "URI_TOO_LONG"),
        (headers(150, 1), "431", "HEADERS_TOO_LARGE"),
        (headers(600, 1), "431", "HEADERS_TOO_LARGE"),
        (headers(10, 4_000), "431", "HEADERS_TOO_LARGE"),
        (headers(20, 20_000), "431", "HEADERS_TOO_LARGE"),
    ] {
        let heard = heard(said(&setting, head.as_bytes()).await).await;
        assert_eq!(statuses(&heard), [status], "{:.60} of {}: {heard:.300}", head, head.len());
        assert_eq!(problem(&heard).1["reason"], reason);
    }
    for head in [uri(16_000), headers(90, 300)] {
        let heard = heard(said(&setting, head.as_bytes()).await).await;
        assert_eq!(statuses(&heard), ["200"], "{heard:.300}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_a_problem_in_http_2_too() {
    let setting = setting().await;
    let client = Client::builder().http2_prior_knowledge().build().unwrap();
    let get = |path: &str| client.get(format!("{}{path}", setting.url));
    let long = get(&format!("/healthz?{}", "x".repeat(20_000)));
    assert_eq!(refused(long, 414).await["reason"], "URI_TOO_LONG");
    let mut many = HeaderMap::new();
    for at in 0..150 {
        many.insert(
            reqwest::header::HeaderName::try_from(format!("x-{at}")).unwrap(),
            "y".parse().unwrap(),
        );
    }
    assert_eq!(refused(get("/healthz").headers(many), 431).await["reason"], "HEADERS_TOO_LARGE");
    assert_eq!(get("/healthz").send().await.unwrap().status(), 200, "the connection goes on");
}

#[tokio::test]
async fn what_follows_a_request_whose_length_may_be_read_in_two_ways_is_no_request() {
    let setting = setting().await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for lengths in [
        "Content-Length: 40\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 40",
        "Transfer-Encoding: chunked",
    ] {
        let request = format!(
            "POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{lengths}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n{hidden}"
        );
        let heard = heard(said(&setting, request.as_bytes()).await).await;
        assert_eq!(statuses(&heard), ["200"], "{lengths}: {heard}");
        assert!(heard.contains("connection: close"), "{heard}");
    }
    // The same length twice is one length (RFC 9110, section 8.6), and what follows is another request.
    let request = format!(
        "POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}{}",
        hidden.replace("Host", "Connection: close\r\nHost")
    );
    let heard = heard(said(&setting, request.as_bytes()).await).await;
    assert_eq!(statuses(&heard), ["200", "200"], "{heard}");
}

#[tokio::test]
async fn a_body_in_another_coding_than_chunks_is_not_understood() {
    let setting = setting().await;
    for codings in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity, chunked",
    ] {
        let request =
            format!("POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{codings}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n");
        let heard = heard(said(&setting, request.as_bytes()).await).await;
        assert_eq!(statuses(&heard), ["501"], "{codings}: {heard}");
        let (answered, problem) = problem(&heard);
        assert_eq!(problem["reason"], "TRANSFER_CODING", "{codings}");
        assert!(answered.contains("connection: close"), "{codings}: {heard}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_a_problem_behind_another_request_too() {
    let setting = setting().await;
    for first in [
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/books/7 HTTP/1.1\r\nHost: x\r\n\r\n",
        "HEAD /v1/books/7 HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS /v1/books/7 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
        "GET /v1/events?count=3 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n",
    ] {
        let heard = heard(said(&setting, format!("{first}{first}G@T / HTTP/1.1\r\n\r\n").as_bytes()).await).await;
        let answers = statuses(&heard);
        assert_eq!((answers.len(), answers[2]), (3, "400"), "{first}: {heard}");
        let last = heard.rfind("HTTP/1.1 ").unwrap();
        assert_eq!(problem(&heard[last..]).1["reason"], "MALFORMED", "{first}: {heard}");
    }
}
