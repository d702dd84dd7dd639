//! What is said and told while processes are killed: each message stands once and in its place, and each payment is told once.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};

use harness::until;
use serde_json::{Value, json};
use tradewind::client::{Person, number, text};

/// Talks until it is calm; the messages' path and what was said, in order.
pub(crate) async fn talk(speaker: &Person, listener: &Person, calm: &AtomicBool) -> (String, Vec<String>) {
    let mut said = Vec::new();
    let whom = json!({ "organisationId": listener.organisation });
    let conversation = insist(speaker, "/v1/conversations", "conversation", whom).await;
    let messages = format!("/v1/conversations/{}/messages", text(&conversation, "id"));
    while !calm.load(Ordering::SeqCst) {
        let words = format!("message {}", said.len());
        let sent = insist(speaker, &messages, &words, json!({ "text": words })).await;
        said.push(words);
        assert_eq!(number(&sent, "sequence"), i64::try_from(said.len()).unwrap());
    }
    (messages, said)
}

/// Whoever gets no answer asks again under the same key, as a client would.
async fn insist(person: &Person, path: &str, key: &str, body: Value) -> Value {
    loop {
        match person.client.post(path, key, body.clone()).await {
            Ok(answer) => break answer,
            Err(error) => eprintln!("{key}: {error}"),
        }
    }
}

/// Everything that was said stands there once, as it was said.
pub(crate) async fn all_stand_once(listener: &Person, messages: &str, said: &[String]) {
    let mut found: Vec<String> = Vec::new();
    loop {
        let path = format!("{messages}?afterSequence={}&pageSize=100", found.len());
        let page = listener.client.get(&path).await.unwrap();
        let page = page["messages"].as_array().cloned().unwrap_or_default();
        if page.is_empty() {
            break;
        }
        found.extend(page.iter().map(|message| text(message, "text")));
    }
    assert_eq!(found, said);
}

/// The seller is told of every payment once.
pub(crate) async fn all_payments_are_told_once(seller: &Person, orders: &[&String]) {
    let expected: BTreeMap<String, usize> = orders.iter().map(|order| ((*order).clone(), 1)).collect();
    until("the seller is told of every payment", || async {
        let told = told_payments(seller).await;
        assert!(told.values().all(|times| *times == 1), "a payment is told twice");
        told == expected
    })
    .await;
}

/// How often each order's payment was told.
async fn told_payments(seller: &Person) -> BTreeMap<String, usize> {
    let (mut told, mut token) = (BTreeMap::new(), String::new());
    loop {
        let path = format!("/v1/notifications?pageSize=100&pageToken={token}");
        let page = seller.client.get(&path).await.unwrap();
        for one in page["notifications"].as_array().into_iter().flatten() {
            if text(one, "kind") == "order_paid" {
                *told.entry(text(one, "reference")).or_default() += 1;
            }
        }
        token = text(&page, "nextPageToken");
        if token.is_empty() {
            return told;
        }
    }
}
