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

/// A connection that waits for its next request after this one was answered.
async fn answered(setting: &Setting, request: &[u8]) -> TcpStream {
    let mut stream = said(setting, request).await;
    answer(&mut stream).await;
    stream
}

/// Reads one answer, whose body is short JSON.
async fn answer(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let read = stream.read_buf(&mut answer);
        let read = tokio::time::timeout(Duration::from_secs(20), read).await.unwrap().unwrap();
        assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&answer));
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{:?}", String::from_utf8_lossy(&answer));
}

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
const POST: &[u8] = b"POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{\"text\":\"all\"}";

#[tokio::test]
async fn a_connection_waits_longer_for_its_next_request_than_for_the_rest_of_one() {
    let setting = with(Config {
        head_ms: 100,
        idle_ms: 600_000,
        ..Config::default()
    })
    .await;
    let mut waiting = [answered(&setting, GET).await, answered(&setting, POST).await];
    for _ in 0..3 {
        // Those that say nothing, or half, end each time.
        for half in [&b""[..], b"GET /hea"] {
            heard(said(&setting, half).await).await;
        }
        for stream in &mut waiting {
            stream.write_all(POST).await.unwrap();
            answer(stream).await;
        }
    }
    let [mut first, mut second] = waiting;
    first.write_all(b"GET /hea").await.unwrap();
    second.write_all(b"\r\n").await.unwrap();
    assert_eq!([heard(first).await, heard(second).await], [""; 2], "half a head ends them");
    let both = heard(said(&setting, &[GET, b"GET /hea"].concat()).await).await;
    assert!(
        both.starts_with("HTTP/1.1 200") && both.ends_with('}'),
        "half a head that came with another request: {both}"
    );
}

#[tokio::test]
async fn a_head_that_drips_after_another_request_is_not_waited_for() {
    let setting = with(Config {
        head_ms: 200,
        idle_ms: 600_000,
        ..Config::default()
    })
    .await;
    let stream = answered(&setting, POST).await;
    let (mut reader, mut writer) = stream.into_split();
    let drip = tokio::spawn(async move {
        while writer.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), reader.read_to_end(&mut rest)).await;
    let _ = ended.expect("it is not waited for");
    drip.abort();
}

#[tokio::test]
async fn a_connection_without_a_next_request_ends_after_a_while() {
    let setting = with(Config {
        head_ms: 600_000,
        idle_ms: 100,
        ..Config::default()
    })
    .await;
    for request in [GET, POST] {
        assert_eq!(heard(answered(&setting, request).await).await, "");
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
