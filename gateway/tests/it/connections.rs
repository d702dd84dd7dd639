//! What comes over a bare connection: broken requests, half ones, and none at all.

use std::time::Duration;

use gateway::Config;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::setting::{Setting, setting, with};

/// A connection on which these bytes were sent.
pub(crate) async fn said(setting: &Setting, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(setting.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// All that is answered until the connection is closed.
pub(crate) async fn heard(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    // What was sent and not read any more makes the end of a connection a reset.
    let _ = closed.expect("the connection is closed");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn an_answer_does_not_wait_for_the_rest_of_the_next_request() {
    let setting = setting().await;
    let mut stream = said(&setting, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /hea").await;
    let mut answer = [0; 15];
    tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_request_may_come_in_pieces() {
    let setting = setting().await;
    let mut stream = said(&setting, b"P").await;
    for byte in b"OST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"text\": \"all\"}" {
        stream.write_all(&[*byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    let heard = heard(stream).await;
    assert!(heard.starts_with("HTTP/1.1 200") && heard.contains("\"text\":\"all\""), "{heard}");
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let setting = with(Config {
        body_bytes: 600_000,
        ..Config::default()
    })
    .await;
    let body = "x".repeat(500_000);
    for (headers, status) in [
        ("Content-Type: text/plain\r\nContent-Length: 500000", "HTTP/1.1 415"),
        ("Content-Type: text/plain\r\nContent-Length: 800000", "HTTP/1.1 413"),
    ] {
        let body = match status {
            "HTTP/1.1 413" => "x".repeat(800_000),
            _ => body.clone(),
        };
        let request = format!("POST /v1/everything HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{body}");
        let next = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let heard = heard(said(&setting, format!("{request}{next}").as_bytes()).await).await;
        assert!(heard.starts_with(status), "{headers}: {heard}");
        assert!(
            heard.contains("HTTP/1.1 200"),
            "all of it was read, and the connection goes on: {headers}: {heard}"
        );
    }
}

#[tokio::test]
async fn a_client_that_waits_for_leave_to_send_hears_at_once_that_it_must_not() {
    let setting = setting().await;
    let head = b"POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    let heard = heard(said(&setting, head).await).await;
    assert!(heard.starts_with("HTTP/1.1 415"), "{heard}");
}

#[tokio::test]
async fn who_says_nothing_or_stops_halfway_is_not_waited_for() {
    let setting = with(Config {
        head_ms: 100,
        ..Config::default()
    })
    .await;
    for beginning in [&b""[..], b"PRI * HT", b"GET /he", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"] {
        heard(said(&setting, beginning).await).await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_the_client_s_fault() {
    let setting = with(Config {
        deadline_ms: 100,
        ..Config::default()
    })
    .await;
    let half = b"POST /v1/fail HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"ho";
    let heard = heard(said(&setting, half).await).await;
    assert!(heard.starts_with("HTTP/1.1 408") && heard.contains("BODY_LATE"), "{heard}");
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let setting = setting().await;
    for hosts in ["", "Host: a\r\nHost: b\r\n"] {
        let request = format!("GET /healthz HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        let heard = heard(said(&setting, request.as_bytes()).await).await;
        assert!(heard.starts_with("HTTP/1.1 400") && heard.contains("NO_HOST"), "{heard}");
    }
    let heard = heard(said(&setting, b"GET /healthz HTTP/1.0\r\n\r\n").await).await;
    assert!(heard.starts_with("HTTP/1.0 200"), "{heard}");
}
