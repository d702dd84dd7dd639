//! Whatever clients may send wrong, to every route of the OpenAPI document.

mod cases;
mod document;

use std::fs;

use futures::{StreamExt, stream};
use reqwest::{Client, StatusCode, header};
use sea_orm::{ConnectionTrait, Database as Sql, Statement};
use serde_json::Value;
use tests::{Database, Ecosystem, SERVICES};

use self::{
    cases::{Case, Wanted},
    document::Operation,
};

/// How many requests are on their way at a time.
const AT_ONCE: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_what_is_wrong_names_it_and_writes_nothing() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let market = ecosystem.market();
    market.seller("seller", 1).await;
    let trader = market.buyer("trader", 1_000).await;
    let operator = market.operator().await;
    let document = market.gateway.get("/openapi.json").await.unwrap();
    let operations = document::operations(&document);
    assert!(operations.len() > 90, "the document has {} operations", operations.len());
    let cases: Vec<Case> = operations.iter().flat_map(Operation::cases).collect();
    assert!(cases.len() > 3_000, "there are {} cases", cases.len());

    settled(&ecosystem).await;
    let (written, complaints) = (written(&ecosystem).await, complaints(&ecosystem));
    let http = Client::new();
    let mut faults = Vec::new();
    for token in [trader.client.token(), operator.client.token()] {
        let checks = cases.iter().map(|case| check(&http, &ecosystem, case, token));
        let found: Vec<Option<String>> = stream::iter(checks).buffer_unordered(AT_ONCE).collect().await;
        faults.extend(found.into_iter().flatten());
    }
    let strangers = operations
        .iter()
        .filter(|operation| operation.signed_in)
        .map(Operation::of_a_stranger);
    for case in strangers {
        faults.extend(check(&http, &ecosystem, &case, None).await);
    }
    assert!(
        faults.is_empty(),
        "{} of the answers are wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert_eq!(self::written(&ecosystem).await, written);
    assert_eq!(self::complaints(&ecosystem), complaints);
}

/// Sends it; what is wrong with the answer.
async fn check(http: &Client, ecosystem: &Ecosystem, case: &Case, token: Option<&str>) -> Option<String> {
    let mut request = http.request(case.method.clone(), format!("{}{}", ecosystem.url(), case.path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some((kind, body)) = &case.body {
        request = request.header(header::CONTENT_TYPE, *kind).body(body.clone());
    }
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return Some(format!("{} {:.120}: no answer: {error:?}", case.method, case.path)),
    };
    let status = answer.status();
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let text = answer.text().await.unwrap();
    let problem: Value = serde_json::from_str(&text).unwrap_or_default();
    let violations = problem["violations"].as_array().into_iter().flatten();
    let named: Vec<&str> = violations.filter_map(|violation| violation["field"].as_str()).collect();
    let reason = if matches!(case.wanted, Wanted::Harmless) && status.is_success() {
        return None;
    } else if !status.is_client_error() {
        "is no refusal"
    } else if kind.is_none_or(|kind| kind != "application/problem+json") || problem["status"] != status.as_u16() {
        "is no problem"
    } else {
        match &case.wanted {
            Wanted::Harmless | Wanted::Refusal => return None,
            Wanted::Status(wanted) if status == *wanted => return None,
            // Whoever may not call at all hears nothing of the rest.
            Wanted::Status(_) | Wanted::Fields(_) if status == StatusCode::FORBIDDEN => return None,
            Wanted::Status(_) => "has another status",
            Wanted::Fields(fields) if fields.iter().all(|field| is_named(field, &named)) => return None,
            Wanted::Fields(_) => "does not name what is wrong",
        }
    };
    let body = case
        .body
        .as_ref()
        .map(|(_, body)| String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned());
    Some(format!(
        "{} {:.120} {}: {} {text:.300} {reason}; wanted {:?}",
        case.method,
        case.path,
        body.unwrap_or_default(),
        status.as_u16(),
        case.wanted
    ))
}

/// Whether the field, or something around or in it, is among the violations.
fn is_named(field: &str, named: &[&str]) -> bool {
    named.iter().any(|name| name.starts_with(field) || field.starts_with(name))
}

/// Everything that every write leaves behind: causes and events.
async fn written(ecosystem: &Ecosystem) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for service in SERVICES {
        for table in ["causes", "outbox"] {
            counts.push((format!("{service}.{table}"), count(ecosystem, service, table).await));
        }
    }
    counts
}

async fn count(ecosystem: &Ecosystem, service: &str, table: &str) -> i64 {
    let db = Sql::connect(ecosystem.database(service)).await.unwrap();
    let count = Statement::from_string(db.get_database_backend(), format!("SELECT count(*) AS count FROM {table}"));
    let count = db.query_one_raw(count).await.unwrap().unwrap().try_get("", "count").unwrap();
    db.close().await.unwrap();
    count
}

/// Waits until the preparations have been digested and the one transfer is sealed, for these are written too.
async fn settled(ecosystem: &Ecosystem) {
    harness::until("the transfer is sealed and every event published", || async {
        let mut waiting = 0;
        for service in SERVICES {
            waiting += count(ecosystem, service, "outbox WHERE published IS NULL").await;
        }
        let notices = count(ecosystem, "messaging", "causes").await;
        waiting == 0 && notices == 1 && count(ecosystem, "payment", "seals").await == 1
    })
    .await;
}

/// The lines in which a service warns or complains.
fn complaints(ecosystem: &Ecosystem) -> Vec<String> {
    let mut complaints = Vec::new();
    for service in SERVICES.into_iter().chain(["gateway"]) {
        let log = fs::read_to_string(ecosystem.data().join(format!("{service}.log"))).unwrap();
        let bad = |line: &&str| line.contains("ERROR") || line.contains("WARN") || line.contains("panicked");
        complaints.extend(log.lines().filter(bad).map(|line| format!("{service}: {line}")));
    }
    complaints
}
