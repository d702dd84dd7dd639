//! JSON in, JSON out.

use reqwest::Method;
use serde_json::json;

use crate::setting::{fields, read, refused, seen, setting};

#[tokio::test]
async fn a_message_goes_through_and_comes_back_the_same() {
    let setting = setting().await;
    let sent = json!({"int64Value": "9007199254740993", "mood": "MOOD_GOOD", "time": "2026-11-23T08:00:00.5Z", "data": "AP8=", "inner": {"texts": ["é", "\n"]}});
    let (status, json) = read(setting.post("/v1/everything", &sent)).await;
    assert_eq!(status, 200);
    assert_eq!(json["int64Value"], "9007199254740993");
    assert_eq!(
        (&json["mood"], &json["data"], &json["inner"]["texts"]),
        (&json!("MOOD_GOOD"), &json!("AP8="), &json!(["é", "\n"]))
    );
    assert_eq!(json["time"], "2026-11-23T08:00:00.500Z");
    assert_eq!(
        (&json["longs"], &json["uint64Value"], &json["flag"]),
        (&json!([]), &json!("0"), &json!(false)),
        "defaults are printed"
    );
    assert!(
        json.get("maybeNumber").is_none() && json.get("duration").is_none(),
        "what is absent is not"
    );
}

#[tokio::test]
async fn every_bad_field_is_named_at_once_and_nothing_is_called() {
    let setting = setting().await;
    let problem = refused(
        setting.post("/v1/everything", &json!({"inner": {"flag": 1}, "longs": ["x"], "odd": 1})),
        400,
    )
    .await;
    let mut named = fields(&problem);
    named.sort_unstable();
    assert_eq!(named, ["inner.flag", "longs[0]", "odd"]);
    assert_eq!(problem["type"], "https://tradewind.dev/problems/gateway/invalid-fields");
}

#[tokio::test]
async fn not_more_bad_fields_are_named_than_anyone_reads() {
    let setting = setting().await;
    let odd: serde_json::Map<_, _> = (0..1_000).map(|at| (format!("odd{at}"), json!(1))).collect();
    assert_eq!(fields(&refused(setting.post("/v1/everything", &json!(odd)), 400).await).len(), 100);
    let query: Vec<_> = (0..1_000).map(|at| format!("odd{at}=1")).collect();
    let get = setting.get(&format!("/v1/books?{}", query.join("&")));
    assert_eq!(fields(&refused(get, 400).await).len(), 100);
    // As many books without a title as a body has room for.
    let untitled = format!("{{\"books\":[{}{{}}]}}", "{},".repeat(340_000));
    let import = setting
        .ask(Method::POST, "/v1/books:import")
        .header("content-type", "application/json")
        .body(untitled);
    let problem = refused(import, 400).await;
    assert_eq!((fields(&problem).len(), fields(&problem)[99]), (100, "books[99].title"));
}

#[tokio::test]
async fn a_long_name_is_not_repeated_for_every_bad_field_below_it() {
    let setting = setting().await;
    let odd: serde_json::Map<_, _> = (0..100).map(|at| (format!("odd{at}"), json!(1))).collect();
    let zeros = "0".repeat(500_000);
    let answer = setting
        .post("/v1/everything", &json!({"byLong": {zeros: odd}}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.bytes().await.unwrap().len() < 100_000);
    let answer = setting
        .post("/v1/everything", &json!({"mood": "x".repeat(500_000)}))
        .send()
        .await
        .unwrap();
    assert!(answer.status() == 400 && answer.bytes().await.unwrap().len() < 10_000);
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let setting = setting().await;
    let broken = setting.ask(Method::POST, "/v1/everything").body("{\"text\":");
    assert_eq!(refused(broken, 400).await["reason"], "NO_JSON");
    for kind in [
        "application/x-www-form-urlencoded",
        "text/plain",
        ";;;",
        "",
        "json",
        "application/json x",
    ] {
        let form = setting.ask(Method::POST, "/v1/everything").header("content-type", kind).body("{}");
        assert_eq!(refused(form, 415).await["reason"], "UNSUPPORTED_MEDIA_TYPE", "{kind}");
    }
    for kind in [
        "application/json",
        "Application/JSON ; charset=utf-8",
        "application/merge-patch+json",
    ] {
        let json = setting.ask(Method::POST, "/v1/everything").header("content-type", kind).body("{}");
        assert_eq!(read(json).await.0, 200, "{kind}");
    }
    let zipped = setting
        .ask(Method::POST, "/v1/everything")
        .header("content-encoding", "gzip")
        .body("{}");
    refused(zipped, 415).await;
    let as_it_is = setting
        .ask(Method::POST, "/v1/everything")
        .header("content-encoding", "Identity")
        .body("{}");
    assert_eq!(read(as_it_is).await.0, 200);
    let twice = setting
        .ask(Method::POST, "/v1/everything")
        .header("content-encoding", "identity")
        .header("content-encoding", "gzip");
    refused(twice.body("{}"), 415).await;
    let get = setting
        .get("/v1/books/7")
        .header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(read(get.body("")).await.0, 200, "where there is no body, its type is nothing");
    assert_eq!(
        read(setting.ask(Method::POST, "/v1/everything")).await.0,
        200,
        "no body says as much as an empty object"
    );
}

#[tokio::test]
async fn query_parameters_are_fields() {
    let setting = setting().await;
    let path = "/v1/books?pageSize=7&filter.author_name=Jos%C3%A9+B&filter.minPages=300&tags=a&tags=b%26c&mood=MOOD_BAD&filter.view=title,authorName";
    let (request, _) = seen(setting.get(path)).await;
    let expected = json!({
        "pageSize": 7, "filter": {"authorName": "José B", "minPages": "300", "view": "title,authorName"}, "tags": ["a", "b&c"], "mood": "MOOD_BAD",
    });
    assert_eq!(request, expected);
}

#[tokio::test]
async fn strange_query_parameters_are_refused_by_name() {
    let setting = setting().await;
    let problem = refused(
        setting.get("/v1/books?page_sise=7&pageSize=x&filter=1&mood=ODD&pageToken=%ff&filter.minPages=1&filter.minPages=2"),
        400,
    )
    .await;
    assert_eq!(
        fields(&problem),
        ["page_sise", "pageSize", "filter", "mood", "pageToken", "filter.minPages"]
    );
    let problem = refused(setting.get("/v1/books/7?id=8"), 400).await;
    assert_eq!(problem["violations"][0]["description"], "is given by the path");
    let problem = refused(setting.get("/v1/books?=1&pageSize=2&="), 400).await;
    assert_eq!(problem["detail"], "2 fields are not valid");
    assert_eq!(
        problem["violations"][0],
        json!({"field": "query", "description": "has a value without a name"})
    );
    let problem = refused(setting.post("/v1/everything?text=a", &json!({})), 400).await;
    assert_eq!(problem["violations"][0]["description"], "belongs in the body");
}

#[tokio::test]
async fn a_page_is_never_larger_than_the_largest() {
    let setting = setting().await;
    let (request, _) = seen(setting.get("/v1/books?pageSize=100000")).await;
    assert_eq!(request["pageSize"], 100);
    let (request, _) = seen(setting.get("/v1/books?pageSize=-1")).await;
    assert_eq!(request["pageSize"], -1, "the service says what is wrong with it");
}

#[tokio::test]
async fn a_change_without_a_mask_changes_what_its_body_has() {
    let setting = setting().await;
    let body = json!({"title": "T", "author": {"familyName": "F"}, "tags": [], "pages": null, "id": "other", "etag": "x"});
    let (request, _) = seen(setting.ask(Method::PATCH, "/v1/books/b1").json(&body)).await;
    assert_eq!(request["updateMask"], "author.familyName,pages,tags,title");
    assert_eq!(
        request["book"],
        json!({"id": "b1", "title": "T", "author": {"familyName": "F"}}),
        "the path wins, output is ignored"
    );
    let (request, _) = seen(
        setting
            .ask(Method::PATCH, "/v1/books/b1?updateMask=author.givenName")
            .json(&json!({"author": {"givenName": "G"}, "title": "T"})),
    )
    .await;
    assert_eq!(request["updateMask"], "author.givenName", "a mask that was sent stays");
}

#[tokio::test]
async fn all_missing_fields_are_named() {
    let setting = setting().await;
    let token = setting.token("books.write", &[]);
    let create = |body| setting.post("/v1/shelves/s1/books", &body).bearer_auth(&token);
    let problem = refused(create(json!({"author": {"familyName": "F"}})), 400).await;
    assert_eq!(fields(&problem), ["Idempotency-Key", "title", "author.givenName"]);
    let problem = refused(create(json!({"title": "", "pages": 0})).header("idempotency-key", "k"), 400).await;
    assert_eq!(fields(&problem), ["title"], "an empty text is no text");
    let problem = refused(create(json!({"title": 5})).header("idempotency-key", "k"), 400).await;
    assert_eq!(
        problem["violations"],
        json!([{"field": "title", "description": "must be a string"}]),
        "each field is named once"
    );
    let problem = refused(
        setting
            .ask(Method::POST, "/v1/shelves/s1/books")
            .bearer_auth(&token)
            .header("idempotency-key", "k"),
        400,
    )
    .await;
    assert_eq!(fields(&problem), ["book"]);
}

#[tokio::test]
async fn a_required_number_may_be_nought_and_not_absent() {
    let setting = setting().await;
    let end = |fine| setting.post("/v1/loans/l1:end", &json!({ "fine": fine }));
    for absent in [json!({"currency": "EUR"}), json!({"cents": null, "currency": "EUR"})] {
        assert_eq!(fields(&refused(end(absent.clone()), 400).await), ["fine.cents"], "{absent}");
    }
    assert_eq!(fields(&refused(end(json!({})), 400).await), ["fine.cents", "fine.currency"]);
    for nought in [json!(0), json!("0"), json!(0.0)] {
        let (request, _) = seen(end(json!({"cents": nought, "currency": "EUR"}))).await;
        assert_eq!(request["fine"]["currency"], "EUR", "{nought}");
    }
}

#[tokio::test]
async fn what_is_missing_in_what_is_optional_is_the_services_to_tell() {
    let setting = setting().await;
    let books = setting.post("/v1/books:import", &json!({"drafts": [{"author": {}}], "books": [{}]}));
    assert_eq!(fields(&refused(books, 400).await), ["books[0].title"]);
    let (request, _) = seen(setting.post("/v1/books:import", &json!({"drafts": [{"author": {}}]}))).await;
    assert_eq!(request, json!({"drafts": [{"author": {}}]}));
}

#[tokio::test]
async fn what_only_the_service_sets_is_ignored_and_what_only_clients_set_is_not_shown() {
    let setting = setting().await;
    let token = setting.token("books.write", &[]);
    let create = setting.post(
        "/v1/shelves/s1/books?draft=true",
        &json!({"title": "T", "id": "mine", "etag": "e", "secret": "s"}),
    );
    let (request, _) = seen(create.bearer_auth(&token).header("idempotency-key", "k1")).await;
    assert_eq!(
        request,
        json!({"requestId": "k1", "shelf": "s1", "book": {"title": "T", "secret": "s"}, "draft": true})
    );
    let (_, book) = read(setting.get("/v1/books/b1")).await;
    assert!(book.get("secret").is_none() && book["id"] == "b1");
}

#[tokio::test]
async fn a_response_body_is_one_field_of_the_response() {
    let setting = setting().await;
    assert_eq!(read(setting.get("/v1/books/b1/titles")).await, (200, json!(["one", "two"])));
}
