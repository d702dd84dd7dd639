//! Errors, versions and idempotency keys.

use reqwest::{Method, header::HeaderValue};
use serde_json::json;

use crate::setting::{before, fields, header, listen, read, refused, seen, setting};

#[tokio::test]
async fn a_service_s_problem_becomes_an_rfc_9457_problem() {
    let setting = setting().await;
    let fail = |how: &str| setting.post("/v1/fail", &json!({"how": how})).header("x-request-id", "r-1");
    let problem = refused(fail("fields"), 400).await;
    assert_eq!(fields(&problem), ["lines[0].unitPrice", "how"]);
    assert_eq!(problem["type"], "https://tradewind.dev/problems/trial/invalid-fields");
    assert_eq!((&problem["instance"], &problem["title"]), (&json!("r-1"), &json!("Invalid fields")));
    let problem = refused(fail("precondition"), 409).await;
    assert_eq!(
        (&problem["reason"], &problem["metadata"]["state"], &problem["detail"]),
        (&json!("ORDER_CANCELLED"), &json!("cancelled"), &json!("it was cancelled"))
    );
    assert_eq!(refused(fail("nothing"), 404).await["reason"], "NOT_FOUND");
}

#[tokio::test]
async fn what_the_service_finds_wrong_is_told_with_what_does_not_fit_the_proto() {
    let setting = setting().await;
    let fail = |how: &str| setting.post("/v1/fail", &json!({"how": how, "noSuchField": 1}));
    assert_eq!(
        fields(&refused(fail("fields"), 400).await),
        ["noSuchField", "lines[0].unitPrice", "how"]
    );
    for other in ["precondition", "internal", "exhausted", "stale"] {
        let problem = refused(fail(other), 400).await;
        assert_eq!(
            (fields(&problem), &problem["reason"]),
            (vec!["noSuchField"], &json!("INVALID_FIELDS")),
            "{other}"
        );
    }
}

#[tokio::test]
async fn a_fault_s_text_stays_inside() {
    let setting = setting().await;
    let problem = refused(setting.post("/v1/fail", &json!({"how": "internal"})), 500).await;
    assert_eq!(problem["detail"], "something went wrong on our side");
}

#[tokio::test]
async fn exhaustion_says_when_to_come_again() {
    let setting = setting().await;
    let answer = setting.post("/v1/fail", &json!({"how": "exhausted"})).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "retry-after")), (429, "3"));
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_or_a_failed_precondition() {
    let setting = setting().await;
    let stale = || setting.post("/v1/fail", &json!({"how": "stale"}));
    assert_eq!(refused(stale(), 409).await["metadata"]["current_version"], "7");
    let problem = refused(stale().header("if-match", "\"v6\""), 412).await;
    assert_eq!(
        (&problem["reason"], &problem["metadata"]["current_version"]),
        (&json!("STALE_VERSION"), &json!("7"))
    );
}

#[tokio::test]
async fn if_match_is_the_etag_of_the_request_or_of_its_resource() {
    let setting = setting().await;
    let patch = || setting.ask(Method::PATCH, "/v1/books/b1").json(&json!({"title": "T"}));
    for strong in ["\"v7\"", "\"v7-gzip\""] {
        assert_eq!(seen(patch().header("if-match", strong)).await.0["book"]["etag"], "v7", "{strong}");
    }
    let weak = refused(patch().header("if-match", "W/\"v7\""), 412).await;
    assert_eq!(weak["reason"], "WEAK_ETAG", "a weak etag matches nothing");
    for malformed in ["\"v7", "v7\"", "v7", "\"\"", "W/v7"] {
        assert_eq!(
            fields(&refused(patch().header("if-match", malformed), 400).await),
            ["If-Match"],
            "{malformed}"
        );
    }
    assert!(seen(patch().header("if-match", "*")).await.0["book"].get("etag").is_none());
    assert_eq!(
        fields(&refused(patch().header("if-match", "\"a\", \"b\""), 400).await),
        ["If-Match"]
    );
    let unconditional = setting.post("/v1/shelves/s1:sort", &json!({})).header("if-match", "\"v7\"");
    assert_eq!(
        fields(&refused(unconditional, 400).await),
        ["If-Match"],
        "a condition that nobody checks is refused"
    );
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let setting = setting().await;
    let answer = setting.get("/v1/books/b1").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "etag")), (200, "\"v7\""));
    let answer = setting
        .get("/v1/books/b1")
        .header("if-none-match", "\"v6\", \"v7\"")
        .send()
        .await
        .unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "etag")), (304, "\"v7\""));
    assert!(answer.bytes().await.unwrap().is_empty());
    let lines = setting
        .get("/v1/books/b1")
        .header("if-none-match", "\"v6\"")
        .header("if-none-match", "\"v7\"");
    assert_eq!(lines.send().await.unwrap().status(), 304);
    assert_eq!(read(setting.get("/v1/books/b1").header("if-none-match", "\"v6\"")).await.0, 200);
}

#[tokio::test]
async fn an_idempotency_key_is_the_request_id() {
    let setting = setting().await;
    let token = setting.token("books.write", &[]);
    let create = || setting.post("/v1/shelves/s1/books", &json!({"title": "T"})).bearer_auth(&token);
    assert_eq!(seen(create().header("idempotency-key", "\"k-1\"")).await.0["requestId"], "k-1");
    assert_eq!(fields(&refused(create(), 400).await), ["Idempotency-Key"]);
    for query in ["requestId=k-1", "request_id=k-1"] {
        let besides = setting
            .post(&format!("/v1/shelves/s1/books?{query}"), &json!({"title": "T"}))
            .bearer_auth(&token)
            .header("idempotency-key", "k-1");
        let problem = refused(besides, 400).await;
        assert_eq!(
            problem["violations"],
            json!([{"field": query.split('=').next(), "description": "is given by the Idempotency-Key header"}])
        );
    }
}

#[tokio::test]
async fn what_the_path_or_a_header_gives_has_no_place_in_the_body() {
    let setting = setting().await;
    let ask = |path: &str, body| setting.post(path, &body).header("if-match", "\"v7\"");
    let problem = refused(
        ask("/v1/loans/l1:end", json!({"loanId": "l2", "requestId": "k", "etag": "v6"})),
        400,
    )
    .await;
    assert_eq!(
        problem["violations"],
        json!([
            {"field": "loanId", "description": "is given by the path"},
            {"field": "requestId", "description": "is given by the Idempotency-Key header"},
            {"field": "etag", "description": "is given by the If-Match header"},
        ])
    );
    let problem = refused(ask("/v1/loans/l1:end", json!({"loan_id": "l1"})), 400).await;
    assert_eq!(problem["detail"], "loanId: is given by the path", "though it is the same");
    let problem = refused(ask("/v1/loans/l1:end", json!({"etag": 7})), 400).await;
    assert_eq!(problem["detail"], "etag: must be a string", "each field is named once");
    let (request, _) = seen(ask("/v1/loans/l1:end", json!({"loanId": null, "note": "torn"}))).await;
    assert_eq!(request, json!({"loanId": "l1", "etag": "v7", "note": "torn"}));
}

#[tokio::test]
async fn a_key_that_a_method_has_no_use_for_is_no_fault() {
    let setting = setting().await;
    let sort = setting.post("/v1/shelves/s1:sort", &json!({})).header("idempotency-key", "k-1");
    assert_eq!(seen(sort).await.0, json!({"name": "shelves/s1"}));
}

#[tokio::test]
async fn a_key_or_a_condition_that_cannot_be_read_is_refused() {
    let setting = setting().await;
    let token = setting.token("books.write", &[]);
    let create = || setting.post("/v1/shelves/s1/books", &json!({"title": "T"})).bearer_auth(&token);
    for key in [&b"k\xe9"[..], b"", b"\"\""] {
        let value = HeaderValue::from_bytes(key).unwrap();
        assert_eq!(
            fields(&refused(create().header("idempotency-key", value), 400).await),
            ["Idempotency-Key"]
        );
    }
    let (request, _) = seen(
        setting
            .post("/v1/shelves/s1/books", &json!({"title": "T"}))
            .bearer_auth(&token)
            .header("idempotency-key", HeaderValue::from_bytes("açaí 7".as_bytes()).unwrap()),
    )
    .await;
    assert_eq!(request["requestId"], "açaí 7");
    let twice = create().header("idempotency-key", "k").header("idempotency-key", "l");
    assert_eq!(fields(&refused(twice, 400).await), ["Idempotency-Key"]);

    let patch = || setting.ask(Method::PATCH, "/v1/books/b1").json(&json!({"title": "T"}));
    for etag in [&b"\"v\xe9\""[..], b""] {
        let value = HeaderValue::from_bytes(etag).unwrap();
        assert_eq!(fields(&refused(patch().header("if-match", value), 400).await), ["If-Match"]);
    }
    let twice = patch().header("if-match", "\"v7\"").header("if-match", "\"v8\"");
    assert_eq!(fields(&refused(twice, 400).await), ["If-Match"]);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let (listener, address) = listen().await;
    drop(listener);
    let setting = before(gateway::Config::default(), &address).await;
    let problem = refused(setting.get("/v1/books/7"), 503).await;
    assert_eq!(problem["detail"], "the service cannot be reached now");
    let answer = setting.get("/v1/books/7").send().await.unwrap();
    assert_eq!(header(&answer, "retry-after"), "1");
}
