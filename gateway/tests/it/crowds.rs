//! More connections than there may be, and those on which nothing happens.

use std::{net::IpAddr, time::Duration};

use gateway::Config;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    connections::{heard, said},
    hostile::frame,
    setting::{Setting, header, read, refused, with},
};

/// How a client that speaks HTTP/2 begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long is waited for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

const REQUEST: &[u8] = b"GET /v1/books/7 HTTP/1.1\r\nHost: x\r\n\r\n";

/// A gateway for so many connections, without other limits.
async fn gateway(config: Config) -> Setting {
    with(Config {
        requests_per_second_per_address: 0,
        ..config
    })
    .await
}

/// A connection that was answered, and stays open.
async fn served(setting: &Setting) -> TcpStream {
    let mut stream = said(setting, REQUEST).await;
    assert_eq!(status(&mut stream).await, "HTTP/1.1 200");
    stream
}

/// The first line of an answer, up to its status.
async fn status(stream: &mut TcpStream) -> String {
    let mut beginning = [0; 12];
    stream.read_exact(&mut beginning).await.unwrap();
    String::from_utf8(beginning.to_vec()).unwrap()
}

/// A new client, on a connection of its own, that is told it is one too many.
async fn turned_away(setting: &Setting, code: u16) {
    let client = reqwest::Client::new();
    let answer = client.get(format!("{}/v1/books/7", setting.url)).send().await.unwrap();
    assert_eq!(
        (header(&answer, "retry-after"), header(&answer, "connection")),
        ("1", "close"),
        "{answer:?}"
    );
    let problem = refused(client.get(format!("{}/v1/books/7", setting.url)), code).await;
    assert_eq!(problem["reason"], "TOO_MANY_CONNECTIONS");
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let problem = refused(client.get(format!("{}/v1/books/7", setting.url)), code).await;
    assert_eq!(problem["reason"], "TOO_MANY_CONNECTIONS", "in HTTP/2 too");
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_comes_in_once_another_has_ended() {
    let setting = gateway(Config {
        connections: 3,
        ..Config::default()
    })
    .await;
    let mut open = vec![served(&setting).await, served(&setting).await, served(&setting).await];
    turned_away(&setting, 503).await;
    assert_eq!(
        read(reqwest::Client::new().get(format!("{}/healthz", setting.url))).await,
        (200, json!({"status": "alive"})),
        "a process that is full is alive"
    );
    let ready = reqwest::Client::new().get(format!("{}/readyz", setting.url));
    assert_eq!(
        refused(ready, 503).await["reason"],
        "TOO_MANY_CONNECTIONS",
        "but not ready for more"
    );
    drop(open.pop());
    comes_in(&setting, "HTTP/1.1 503").await;
    for mut stream in open {
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(heard(stream).await.contains("alive"), "those that are in are served as ever");
    }
}

/// Waits until a connection is served: the end of another may be noticed a moment later.
async fn comes_in(setting: &Setting, otherwise: &str) {
    let comes = async {
        loop {
            let mut stream = said(setting, REQUEST).await;
            match status(&mut stream).await {
                status if status == "HTTP/1.1 200" => return,
                status => assert_eq!(status, otherwise),
            }
        }
    };
    tokio::time::timeout(PATIENCE, comes).await.expect("a slot is free again");
}

#[tokio::test]
async fn one_address_has_its_share_and_leaves_the_rest_to_others() {
    let setting = gateway(Config {
        connections_per_address: 2,
        ..Config::default()
    })
    .await;
    let mut open = vec![served(&setting).await, served(&setting).await];
    turned_away(&setting, 429).await;
    let other = reqwest::Client::builder()
        .local_address(IpAddr::from([127, 0, 0, 2]))
        .build()
        .unwrap();
    assert_eq!(
        other.get(format!("{}/v1/books/7", setting.url)).send().await.unwrap().status(),
        200,
        "another address has its own"
    );
    drop(open.pop());
    comes_in(&setting, "HTTP/1.1 429").await;
}

#[tokio::test]
async fn a_proxy_stands_for_many_and_has_no_share() {
    let setting = gateway(Config {
        connections_per_address: 1,
        trusted_proxies: 1,
        ..Config::default()
    })
    .await;
    let _open = [served(&setting).await, served(&setting).await, served(&setting).await];
}

#[tokio::test]
async fn those_who_are_too_many_and_say_nothing_are_not_waited_for() {
    let setting = gateway(Config {
        connections: 1,
        // What is told to those who are too many is told in a hurry, whatever others are given.
        head_ms: 600_000,
        idle_ms: 600_000,
        ..Config::default()
    })
    .await;
    let _open = served(&setting).await;
    let silent = (0..200).map(async |number| {
        let said = said(&setting, [&b""[..], b"GET /v1", PREFACE][number % 3]).await;
        end(said).await;
    });
    futures::future::join_all(silent).await;
    turned_away(&setting, 503).await;
}

/// Waits for the end of a connection, whatever else comes on it.
async fn end(mut stream: TcpStream) {
    let mut all = Vec::new();
    // One that is closed before all was read of it is reset.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await.expect("it ends");
}

#[tokio::test]
async fn a_client_that_takes_a_large_answer_slowly_has_all_of_it() {
    let setting = gateway(Config {
        idle_ms: 1_000,
        stalled_ms: 1_000,
        deadline_ms: 120_000,
        ..Config::default()
    })
    .await;
    let many = vec!["{}"; 30_000].join(",");
    let body = format!("{{\"inners\":[{many}]}}");
    let length = body.len();
    let head = format!("POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
    let mut stream = said(&setting, format!("{head}{body}").as_bytes()).await;
    let (mut heard, mut promised, mut piece) = (0, usize::MAX, vec![0; 64 * 1_024]);
    while heard < promised {
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "only {heard} of {promised} bytes came");
        if heard == 0 {
            let text = String::from_utf8_lossy(&piece[..length]);
            let (head, _) = text.split_once("\r\n\r\n").unwrap();
            let body = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            promised = head.len() + 4 + body.parse::<usize>().unwrap();
        }
        heard += length;
        // All of it takes longer than nothing may go on, but no part of it does.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(heard > 10_000_000, "{heard} bytes would come at once");
}

#[tokio::test]
async fn a_connection_of_http_2_ends_when_nothing_is_under_way_on_it_and_goes_on_while_a_stream_is() {
    let setting = gateway(Config {
        connections: 2,
        idle_ms: 50,
        // Nor is a client waited for that does not say whether it has heard that its connection ends.
        stalled_ms: 50,
        heartbeat_ms: 20,
        ..Config::default()
    })
    .await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut stream = client
        .get(format!("{}/v1/events?count=1&then=wait", setting.url))
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    let hello = [PREFACE, &frame(4, 0, 0, &[])].concat();
    for _ in 0..3 {
        // One after the other has the slot that is left.
        end(said(&setting, &hello).await).await;
    }
    comes_in(&setting, "HTTP/1.1 503").await;
    let heartbeats = async {
        for _ in 0..20 {
            stream.chunk().await.unwrap().expect("the stream goes on");
        }
    };
    tokio::time::timeout(PATIENCE, heartbeats).await.unwrap();
}
