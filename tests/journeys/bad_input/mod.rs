//! Whatever clients may send wrong, to every route of the OpenAPI document.
//!
//! `blind` sends what is wrong whatever the market holds. `fixture` knows one request of every operation that changes something which
//! succeeds, and `sighted` sends it with one thing wrong, or everything. At the end each of them succeeds, once: so nothing else was wrong
//! with any of them, and nothing was written before.

mod allowed;
mod blind;
mod case;
mod document;
mod fixture;
mod kind;
mod mutation;
mod sighted;
mod written;
mod wrong;

use futures::{StreamExt, stream};
use harness::openapi::Document;
use reqwest::{Client, StatusCode};
use tests::{Database, Ecosystem};

use self::{
    case::{Case, Wanted},
    document::Operation,
    fixture::{House, Valid},
    sighted::Sighted,
};

/// How many requests are on their way at a time.
const AT_ONCE: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_what_is_wrong_names_it_and_writes_nothing() {
    everything_is_tried_on(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_what_is_wrong_names_it_and_writes_nothing_on_postgresql() {
    // Where it is installed.
    for database in Database::at_hand().into_iter().filter(|database| *database != Database::Sqlite) {
        everything_is_tried_on(database).await;
    }
}

async fn everything_is_tried_on(database: Database) {
    // Deliveries are accepted by themselves otherwise, and sessions end, while we are at it.
    let patience = [
        ("TRADEWIND__ORDER__INSPECTION_WINDOW_S", "36000"),
        ("TRADEWIND__ACCESS_TOKEN_S", "36000"),
    ];
    let ecosystem = Ecosystem::start_with(database, &patience).await;
    let document = Document::new(ecosystem.gateway().get("/openapi.json").await.unwrap());
    let operations = document::operations(document.json());
    assert!(operations.len() > 90, "the document has {} operations", operations.len());
    let (mut ours, mut theirs) = tokio::join!(House::found(&ecosystem, "ours"), House::found(&ecosystem, "theirs"));
    settled(&ecosystem).await;
    for house in [&mut ours, &mut theirs] {
        house.lose_letters(&ecosystem).await;
    }
    let silent = operations
        .iter()
        .filter(|operation| operation.writes() && !operation.speaks_of_keys);
    assert_eq!(silent.map(|operation| operation.id.as_str()).collect::<Vec<_>>(), [""; 0]);
    must_be_complete(&operations, &ours.valid);
    let sighted = pair(&operations, &ours.valid, &theirs.valid);
    let untimely = pair(&operations, &ours.untimely, &theirs.untimely);
    let (our_reads, their_reads) = (ours.reads(&operations), theirs.reads(&operations));
    let undescribed = ours.valid.iter().chain(&ours.untimely).flat_map(|valid| {
        let faults = document.named(&valid.operation).unwrap().faults_of_request(&valid.body);
        faults.into_iter().map(|fault| format!("{}: {fault}", valid.operation))
    });
    assert_eq!(undescribed.collect::<Vec<_>>(), [""; 0]);

    let mut cases = blind(&operations, &ours);
    let reading = pair(&operations, &our_reads, &their_reads);
    let tried: Vec<_> = sighted.iter().chain(&reading).flat_map(Sighted::tried).collect();
    assert_eq!(allowed::idle(&tried), [""; 0]);
    cases.extend(reads(&reading));
    cases.extend(sighted.iter().flat_map(Sighted::refused));
    cases.extend(untimely.iter().map(Sighted::untimely));
    assert!(cases.len() > 5_000, "there are {} cases", cases.len());

    let (rows, complaints) = (written::rows(&ecosystem).await, written::complaints(&ecosystem));
    all(&ecosystem, &document, cases).await;
    assert_eq!(written::changes(&rows, &written::rows(&ecosystem).await), [""; 0]);
    assert_eq!(written::complaints(&ecosystem), complaints);

    // One after the other, as they depend on the same stock and the same wallets.
    let mut faults = Vec::new();
    for sighted in &sighted {
        faults.extend(faults_of(&ecosystem, &document, vec![sighted.proof()]).await);
        faults.extend(faults_of(&ecosystem, &document, vec![sighted.again()]).await);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for case in sighted.iter().flat_map(Sighted::accepted) {
        faults.extend(faults_of(&ecosystem, &document, vec![case]).await);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(written::errors(&ecosystem), [""; 0]);
}

/// Each request that succeeds with its operation, of which none that changes something may be without one.
fn pair<'a>(operations: &'a [Operation], ours: &'a [Valid], theirs: &'a [Valid]) -> Vec<Sighted<'a>> {
    let pairs = std::iter::zip(ours, theirs).map(|(ours, theirs)| {
        let operation = operations.iter().find(|operation| operation.id == ours.operation);
        let operation = operation.unwrap_or_else(|| panic!("the fixture has a request of {}, which is no operation", ours.operation));
        Sighted { operation, ours, theirs }
    });
    pairs.collect()
}

fn must_be_complete(operations: &[Operation], valid: &[Valid]) {
    let known = |operation: &&Operation| valid.iter().any(|valid| valid.operation == operation.id);
    let unknown: Vec<&str> = operations
        .iter()
        .filter(|operation| operation.writes() && !known(operation))
        .map(|operation| operation.id.as_str())
        .collect();
    assert!(
        unknown.is_empty(),
        "no request is known that succeeds, so that none can be made wrong: add one with house.may(..) to tests/journeys/bad_input/fixture for each of \
         {unknown:?}"
    );
}

/// What is wrong whatever the market holds, sent by somebody who trades, by an operator, and by nobody.
fn blind(operations: &[Operation], house: &House) -> Vec<Case> {
    let mut cases = Vec::new();
    for operation in operations {
        for (person, is_operator) in [(house.trader(), false), (house.operator(), true)] {
            for mut case in operation.blind() {
                if operation.for_operators() && !is_operator {
                    case.wanted = Wanted::Status(StatusCode::FORBIDDEN);
                }
                case.token = person.client.token().map(str::to_owned);
                cases.push(case);
            }
        }
        cases.extend(operation.of_a_stranger());
    }
    cases
}

/// Everything that is read: as it must be, with strange ids, and by somebody whom it is not for.
fn reads(pairs: &[Sighted<'_>]) -> Vec<Case> {
    let mut cases: Vec<Case> = pairs.iter().map(Sighted::proof).collect();
    cases.extend(pairs.iter().flat_map(Sighted::refused));
    cases.extend(pairs.iter().flat_map(Sighted::pages));
    cases
}

/// Waits until the preparations have been digested everywhere, and what was paid is sealed, for all of that is written too.
async fn settled(ecosystem: &Ecosystem) {
    harness::until("nothing waits to be published, asked or sealed", || async {
        written::nothing_waits(ecosystem).await
    })
    .await;
    ecosystem.is_well().await;
}

/// Sends all of them; none may be answered in another way than it must be.
async fn all(ecosystem: &Ecosystem, document: &Document, cases: Vec<Case>) {
    let count = cases.len();
    let faults = faults_of(ecosystem, document, cases).await;
    assert!(
        faults.is_empty(),
        "{} of {count} answers are wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Sends all of them; the answers that are not as they must be.
async fn faults_of(ecosystem: &Ecosystem, document: &Document, cases: Vec<Case>) -> Vec<String> {
    let (http, url) = (Client::new(), ecosystem.url());
    let checks = cases.into_iter().map(|case| {
        let (http, url) = (&http, &url);
        async move { case.check(http, url, document).await }
    });
    let faults: Vec<Option<String>> = stream::iter(checks).buffer_unordered(AT_ONCE).collect().await;
    faults.into_iter().flatten().collect()
}
