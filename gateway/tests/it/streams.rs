//! Streams of messages, and raw bytes both ways.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use gateway::Config;
use prost_reflect::{DynamicMessage, ReflectMessage, Value as Field};
use reqwest::{Method, Response};
use runtime::{Settings, Start, SystemClock};
use serde_json::{Value, json};
use tonic::{Request, client::Grpc};

use crate::{
    setting::{header, refused, seen, setting, trial, with},
    trial::{Dynamic, FLOODED, STALLED, pool},
};

async fn lines(answer: Response) -> Vec<Value> {
    let text = answer.text().await.unwrap();
    text.lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_stream_is_a_line_for_each_message() {
    let setting = setting().await;
    let answer = setting.get("/v1/events?count=3").send().await.unwrap();
    assert_eq!(header(&answer, "content-type"), "application/x-ndjson");
    let refusing = setting.get("/v1/events?count=3").header("accept", "text/event-stream;q=0, */*");
    assert_eq!(header(&refusing.send().await.unwrap(), "content-type"), "application/x-ndjson");
    let lines = lines(answer).await;
    assert_eq!((lines.len(), &lines[1]), (3, &json!({"sequence": "2", "text": "line\n2"})));
}

#[tokio::test]
async fn a_stream_is_an_event_for_each_message_and_resumes_behind_the_last() {
    let setting = setting().await;
    let events = setting
        .get("/v1/events?count=2")
        .header("accept", "text/event-stream")
        .header("last-event-id", "40");
    let answer = events.send().await.unwrap();
    assert_eq!(header(&answer, "content-type"), "text/event-stream");
    let expected = "id: 41\ndata: {\"sequence\":\"41\",\"text\":\"line\\n41\"}\n\nid: 42\ndata: {\"sequence\":\"42\",\"text\":\"line\\n42\"}\n\nevent: end\ndata: {}\n\n";
    assert_eq!(answer.text().await.unwrap(), expected);
}

#[tokio::test]
async fn an_early_error_has_its_true_status_and_a_late_one_is_the_last_message() {
    let setting = setting().await;
    assert_eq!(refused(setting.get("/v1/events?then=fail"), 404).await["reason"], "NOT_FOUND");
    let lines = lines(setting.get("/v1/events?count=1&then=fail").send().await.unwrap()).await;
    assert_eq!((lines.len(), &lines[1]["problem"]["reason"]), (2, &json!("NOT_FOUND")));
    let events = setting
        .get("/v1/events?count=1&then=fail")
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let last = events
        .trim_end()
        .rsplit("\n\n")
        .next()
        .unwrap()
        .strip_prefix("event: problem\ndata: ")
        .unwrap();
    assert_eq!(serde_json::from_str::<Value>(last).unwrap()["status"], 404);
}

#[tokio::test]
async fn a_silent_stream_begins_all_the_same_beats_and_ends_with_the_gateway() {
    let setting = with(Config {
        first_message_ms: 50,
        heartbeat_ms: 50,
        deadline_ms: 500,
        ..Config::default()
    })
    .await;
    let mut answer = setting
        .get("/v1/events?then=wait")
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    for _ in 0..15 {
        assert_eq!(
            answer.chunk().await.unwrap().unwrap(),
            ": still here\n\n",
            "it outlives the deadline of its beginning"
        );
    }
    setting.ending.cancel();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        assert_eq!(chunk, ": still here\n\n");
    }
}

#[tokio::test]
async fn an_upload_reaches_the_service_in_pieces() {
    let setting = setting().await;
    let pieces = (0..40).map(|_| Ok::<_, std::io::Error>(vec![7_u8; 100_000]));
    let upload = setting
        .ask(Method::PUT, "/v1/uploads/pic")
        .header("content-type", "image/png")
        .body(reqwest::Body::wrap_stream(tokio_stream::iter(pieces)));
    let (request, _) = seen(upload).await;
    let data =
        String::from_utf8(base64::Engine::decode(&base64::prelude::BASE64_STANDARD, request["content"]["data"].as_str().unwrap()).unwrap())
            .unwrap();
    assert_eq!(
        (&request["name"], &request["content"]["contentType"]),
        (&json!("pic"), &json!("image/png"))
    );
    assert_eq!(data, "4000000 bytes, more than one chunk: true");
    let (request, _) = seen(setting.ask(Method::PUT, "/v1/uploads/empty")).await;
    assert_eq!(request["name"], "empty");
}

#[tokio::test]
async fn an_upload_that_is_too_large_or_breaks_off_never_looks_complete() {
    let setting = with(Config {
        upload_bytes: 250_000,
        ..Config::default()
    })
    .await;
    let upload = |body: reqwest::Body| setting.ask(Method::PUT, "/v1/uploads/pic").body(body);
    assert_eq!(refused(upload(vec![0; 250_001].into()), 413).await["reason"], "BODY_TOO_LARGE");
    let pieces = (0..4).map(|_| Ok::<_, std::io::Error>(vec![7_u8; 100_000]));
    refused(upload(reqwest::Body::wrap_stream(tokio_stream::iter(pieces))), 413).await;
    let broken = vec![Ok(vec![7_u8; 1_000]), Err(std::io::Error::other("gone"))];
    assert!(upload(reqwest::Body::wrap_stream(tokio_stream::iter(broken))).send().await.is_err());
}

#[tokio::test]
async fn files_come_back_as_they_are() {
    let setting = setting().await;
    let answer = setting.get("/v1/downloads/1000").send().await.unwrap();
    assert_eq!(header(&answer, "content-type"), "text/csv");
    let text = answer.text().await.unwrap();
    assert_eq!((text.lines().count(), text.lines().last()), (1_000, Some("row 999")));
    let answer = setting.get("/v1/books/7:print").send().await.unwrap();
    assert_eq!(header(&answer, "content-type"), "application/pdf");
    assert_eq!(answer.bytes().await.unwrap().as_ref(), b"%PDF-\x00\xff");
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_stream() {
    let setting = with(Config {
        first_message_ms: 10,
        heartbeat_ms: 20,
        drain_ms: 5_000,
        ..Config::default()
    })
    .await;
    let mut answer = setting.get("/v1/events?then=wait").send().await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "\n");
    drop(answer);
    setting.ending.cancel();
    tokio::time::timeout(Duration::from_secs(4), setting.gateway)
        .await
        .expect("nothing is left to drain")
        .unwrap();
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_let_go_and_told_so() {
    let setting = with(Config {
        stalled_ms: 100,
        ..Config::default()
    })
    .await;
    let answer = setting.get("/v1/events?then=stall").send().await.unwrap();
    let let_go = async {
        while !STALLED.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), let_go)
        .await
        .expect("the service need not go on");
    let lines = lines(answer).await;
    assert_eq!(lines.last().unwrap()["problem"]["reason"], "STREAM_STALLED");
}

#[tokio::test]
async fn an_account_has_so_many_streams_open_and_no_more() {
    let setting = with(Config {
        streams_per_principal: 2,
        heartbeat_ms: 20,
        ..Config::default()
    })
    .await;
    let watch = |token: &str| setting.get("/v1/events?then=wait&count=1").bearer_auth(token);
    let token = setting.token("", &[]);
    let (first, second) = (watch(&token).send().await.unwrap(), watch(&token).send().await.unwrap());
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200));
    assert_eq!(refused(watch(&token), 429).await["reason"], "TOO_MANY_STREAMS");
    assert_eq!(
        watch(&setting.token("", &[])).send().await.unwrap().status(),
        200,
        "another account"
    );
    drop(first);
    let again = async { while watch(&token).send().await.unwrap().status() != 200 {} };
    tokio::time::timeout(Duration::from_secs(20), again)
        .await
        .expect("a stream that has ended does not count");
}

#[tokio::test]
async fn streams_that_nobody_reads_keep_no_other_call_from_its_answer() {
    const UNREAD: usize = 32;
    let settings = Settings {
        peers: BTreeMap::from([("trial".to_owned(), format!("http://{}", trial().await))]),
        ..Settings::default()
    };
    let start = Start::new("gateway", settings, (), Arc::new(SystemClock)).await.unwrap();
    let mut client = Grpc::new(start.replicas("trial").unwrap());
    let message = |name: &str| DynamicMessage::new(pool().get_message_by_name(&format!("tradewind.trial.v1.{name}")).unwrap());
    let path = |rpc: &str| format!("/tradewind.trial.v1.TrialService/{rpc}").parse().unwrap();
    let mut flood = message("WatchRequest");
    flood.set_field_by_name("then", Field::String("flood".to_owned()));
    let mut unread = Vec::new();
    let calls = async {
        for _ in 0..UNREAD {
            client.ready().await.unwrap();
            let (request, codec) = (Request::new(flood.clone()), Dynamic(message("Event").descriptor()));
            unread.push(client.server_streaming(request, path("Watch"), codec).await.unwrap());
        }
        while FLOODED.load(Ordering::SeqCst) < UNREAD << 20 {
            tokio::task::yield_now().await;
        }
        client.ready().await.unwrap();
        let (request, codec) = (Request::new(message("GetBookRequest")), Dynamic(message("Book").descriptor()));
        client.unary(request, path("GetBook"), codec).await.unwrap();
    };
    tokio::time::timeout(Duration::from_secs(20), calls)
        .await
        .expect("there is room for all of them");
}
