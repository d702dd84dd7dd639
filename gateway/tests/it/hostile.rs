//! What attackers send: texts that mean something else than they seem to, and traffic that is meant to keep others waiting.

use std::time::Duration;

use gateway::Config;
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    connections::{heard, said},
    setting::{Setting, fields, read, refused, seen, setting, with},
};

#[tokio::test]
async fn dots_and_encoded_slashes_are_text_and_lead_nowhere_else() {
    let setting = setting().await;
    for (path, id) in [
        ("/v1/books/..%2f..%2fhealthz", "../../healthz"),
        ("/v1/books/%2e%2e", ".."),
        ("/v1/books/a%2Ftitles", "a/titles"),
        ("/v1/books/%3Aprint", ":print"),
        ("/v1/books/a%252fb", "a%2fb"),
    ] {
        let stream = said(
            &setting,
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        let heard = heard(stream).await;
        assert!(
            heard.starts_with("HTTP/1.1 200") && heard.contains(&format!("\"id\":{}", json!(id))),
            "{path}: {heard}"
        );
    }
    for path in ["/v1/books/../books", "/v1/./books", "/v1/books/..", "//v1/books", "/v1%2fbooks"] {
        let stream = said(
            &setting,
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        let heard = heard(stream).await;
        assert!(
            heard.starts_with("HTTP/1.1 404") || heard.contains("\"id\":\"..\""),
            "no path is made another one: {path}: {heard}"
        );
    }
    for bad in ["%", "%2", "%zz", "%ff", "%c0%ae"] {
        assert_eq!(fields(&refused(raw(&setting, bad), 400).await), ["id"], "{bad}");
    }
}

fn raw(setting: &Setting, id: &str) -> reqwest::RequestBuilder {
    setting.get(&format!("/v1/books/{id}"))
}

#[tokio::test]
async fn json_that_readers_disagree_about_is_refused() {
    let setting = setting().await;
    let echo = |body: Vec<u8>| {
        let request = setting.ask(Method::POST, "/v1/everything");
        request.header("content-type", "application/json").body(body)
    };
    let nested = |depth: usize| format!("{}{{}}{}", "{\"inner\":".repeat(depth), "}".repeat(depth)).into_bytes();
    for body in [
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"text\":\"\xff\"}".to_vec(),
        b"{\"text\":\"\xed\xa0\x80\"}".to_vec(),
        b"{\"text\":\"\\ud800\"}".to_vec(),
        b"{\"text\":\"\\udc00\\ud800\"}".to_vec(),
        b"{\"text\":\"a\nb\"}".to_vec(),
        b"{\"text\":'a'}".to_vec(),
        b"{\"flag\":true,}".to_vec(),
        b"{\"flag\":true}//".to_vec(),
        b"{\"flag\":NaN}".to_vec(),
        b"{\"text\":1e999}".to_vec(),
        b"{\"int64Value\":01}".to_vec(),
        b"{\"int64Value\":1.}".to_vec(),
        b"{\"int64Value\":\"\\ud800\"}".to_vec(),
        b"{\"real\":.5}".to_vec(),
        b"{\"int64Value\":0x10}".to_vec(),
        [b"{\"anything\":".to_vec(), b"[".repeat(10_000), b"]".repeat(10_000), b"}".to_vec()].concat(),
        nested(10_000),
    ] {
        let told = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let problem = refused(echo(body), 400).await;
        assert_eq!(problem["reason"], "NO_JSON", "{told}: {problem}");
    }
    for (body, field) in [
        ("{\"text\":\"a\",\"text\":\"b\"}", "text"),
        ("{\"maybeText\":\"a\",\"maybe_text\":\"b\"}", "maybeText"),
        ("{\"inner\":{\"flag\":true,\"flag\":false}}", "inner.flag"),
        ("{\"inner\":{},\"inner\":{}}", "inner"),
        ("{\"choiceText\":\"a\",\"choiceNumber\":\"1\"}", "choiceNumber"),
        ("{\"int64Value\":9223372036854775808}", "int64Value"),
        ("{\"int64Value\":-9223372036854775809}", "int64Value"),
        ("{\"int64Value\":99999999999999999999999999999999}", "int64Value"),
        ("{\"int64Value\":\"1e400000000\"}", "int64Value"),
        ("{\"int32Value\":1e10}", "int32Value"),
        ("{\"uint32Value\":-1}", "uint32Value"),
        ("{\"uint64Value\":\"-1\"}", "uint64Value"),
        ("{\"int64Value\":0.99999999999999999999999}", "int64Value"),
        ("{\"int32Value\":1e-999999999999}", "int32Value"),
        ("{\"mood\":99}", "mood"),
        ("{\"real\":1e999}", "real"),
        ("{\"shortReal\":1e39}", "shortReal"),
        ("{\"any\":{\"@type\":7}}", "any"),
        ("{\"any\":{\"@type\":\"type.googleapis.com/no.Such\"}}", "any"),
        ("{\"byLong\":{\"x\":{}}}", "byLong.x"),
    ] {
        let problem = refused(echo(body.as_bytes().to_vec()), 400).await;
        assert_eq!(fields(&problem), [field], "{body}: {problem}");
    }
    // What is deep but not too deep comes back, and so do texts of any letters.
    let (status, json) = read(echo(nested(30))).await;
    assert_eq!(status, 200, "{json}");
    let (_, json) = read(echo("{\"text\":\"\\ud83d\\udea2\\u0000\"}".as_bytes().to_vec())).await;
    assert_eq!(json["text"], "🚢\u{0}");
}

#[tokio::test]
async fn a_wrong_element_does_not_make_its_list_missing_nor_moves_the_others() {
    let setting = setting().await;
    let token = setting.token("books.write", &[]);
    let import = |body: Value| setting.post("/v1/books:import", &body);
    let problem = refused(
        import(json!({ "books": [7, {}, { "title": "T", "author": 7 }, { "author": {} }] })),
        400,
    )
    .await;
    let mut named = fields(&problem);
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "books[0]",
            "books[1].title",
            "books[2].author",
            "books[3].author.givenName",
            "books[3].title"
        ]
    );
    let create = setting.post("/v1/shelves/s1/books", &json!({ "title": "T", "author": { "givenName": 7 } }));
    let create = create.bearer_auth(&token).header("idempotency-key", "k");
    assert_eq!(fields(&refused(create, 400).await), ["author.givenName"]);
}

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    let setting = setting().await;
    for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip"] {
        let bomb = setting.ask(Method::POST, "/v1/everything").header("content-encoding", encoding);
        let problem = refused(bomb.header("content-type", "application/json").body(vec![0x1f, 0x8b]), 415).await;
        assert_eq!(problem["reason"], "UNSUPPORTED_MEDIA_TYPE", "{encoding}");
    }
}

#[tokio::test]
async fn rubbish_in_headers_is_named() {
    let setting = setting().await;
    let events = |id: &[u8]| {
        let id = HeaderValue::from_bytes(id).unwrap();
        setting
            .get("/v1/events?count=1")
            .header("accept", "text/event-stream")
            .header("last-event-id", id)
    };
    for id in [
        &b"abc"[..],
        b"1.5",
        b"9223372036854775808",
        b"-9223372036854775809",
        b"\xff",
        b"1, 2",
        b"1e99",
    ] {
        let problem = refused(events(id), 400).await;
        assert_eq!(fields(&problem), ["Last-Event-ID"], "{}", String::from_utf8_lossy(id));
    }
    let twice = events(b"1").header("last-event-id", "2");
    assert_eq!(fields(&refused(twice, 400).await), ["Last-Event-ID"]);
    let late = setting.get("/v1/books").header("request-timeout", "soon");
    assert_eq!(fields(&refused(late, 400).await), ["Request-Timeout"]);
}

#[tokio::test]
async fn no_token_but_a_good_one_opens() {
    let setting = setting().await;
    let good = setting.token("", &["operator"]);
    let parts: Vec<&str> = good.split('.').collect();
    let encode = |header: Value| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, header.to_string());
    let with_header = |header: Value| format!("{}.{}.{}", encode(header), parts[1], parts[2]);
    let burn = |token: &str| setting.ask(Method::DELETE, "/v1/books/7").bearer_auth(token.to_owned());
    for token in [
        format!("{}.{}.", encode(json!({ "alg": "none", "typ": "at+jwt", "kid": "k1" })), parts[1]),
        with_header(json!({ "alg": "none", "typ": "at+jwt", "kid": "k1" })),
        with_header(json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k1" })),
        with_header(json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" })),
        with_header(json!({ "alg": "EdDSA", "typ": "at+jwt" })),
        with_header(json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "../k1" })),
        with_header(json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "k1", "jwk": {} })),
        format!(
            "{}.{}.{}",
            parts[0],
            encode(json!({ "sub": "acc_1", "roles": ["operator"] })),
            parts[2]
        ),
        format!("{good}x"),
        format!("{}.{}", parts[0], parts[1]),
        "a".repeat(20_000),
        ".".to_owned(),
    ] {
        let problem = refused(burn(&token), 401).await;
        assert_eq!(problem["reason"], "TOKEN_INVALID", "{token:.80}");
    }
    seen(burn(&good)).await;
}

/// A frame of HTTP/2 (RFC 9113, section 4.1).
/// A frame of HTTP/2.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

#[tokio::test]
async fn whoever_resets_streams_as_fast_as_they_begin_is_shown_out_and_others_are_served() {
    let setting = setting().await;
    let mut stream = said(&setting, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
    // GET http://x/healthz, in HPACK.
    let head = [&[0x82, 0x86, 0x04, 8][..], b"/healthz", &[0x41, 1, b'x']].concat();
    let attack = async {
        for number in 0..200_000_u32 {
            let id = number * 2 + 1;
            let both = [frame(1, 5, id, &head), frame(3, 0, id, &8_u32.to_be_bytes())].concat();
            if stream.write_all(&both).await.is_err() {
                return;
            }
        }
        panic!("nobody minds");
    };
    let attacked = tokio::time::timeout(Duration::from_secs(60), attack);
    let others = async {
        for _ in 0..20 {
            assert_eq!(setting.get("/v1/books/7").send().await.unwrap().status(), 200);
        }
    };
    let (attacked, ()) = tokio::join!(attacked, others);
    attacked.expect("the connection ends");
}

#[tokio::test]
async fn a_thousand_idle_connections_keep_nobody_waiting_and_end() {
    let setting = with(Config {
        head_ms: 2_000,
        idle_ms: 2_000,
        connections_per_address: 0,
        ..Config::default()
    })
    .await;
    let address = setting.url.trim_start_matches("http://").to_owned();
    let mut idle = Vec::new();
    for number in 0..1_000 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        // Some say nothing, some begin a head, and some have had an answer before.
        let said: &[u8] = match number % 3 {
            0 => b"",
            1 => b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            _ => b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        };
        stream.write_all(said).await.unwrap();
        idle.push(stream);
    }
    assert_eq!(setting.get("/v1/books/7").send().await.unwrap().status(), 200);
    let ended = idle.into_iter().map(|mut stream| async move {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
    });
    let all = futures::future::join_all(ended);
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("all of them end");
}

#[tokio::test]
async fn a_body_that_drips_ends_with_its_request_s_time() {
    let setting = with(Config {
        deadline_ms: 500,
        ..Config::default()
    })
    .await;
    let head = b"POST /v1/everything HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"text\":\"";
    let stream = said(&setting, head).await;
    let (mut reader, mut writer) = stream.into_split();
    let drip = tokio::spawn(async move {
        while writer.write_all(b"x").await.is_ok() && writer.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), reader.read_to_end(&mut answer)).await;
    let _ = ended.expect("it is not waited for");
    let heard = String::from_utf8(answer).unwrap();
    assert!(heard.starts_with("HTTP/1.1 408") && heard.contains("BODY_LATE"), "{heard}");
    drip.abort();
}
