//! Replicas that are replaced one after another, as a rollout does: no buyer is refused.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tests::{Database, Ecosystem, Goods, reaches};
use tradewind::client::{Person, text};

#[tokio::test(flavor = "multi_thread")]
async fn replicas_are_replaced_and_no_buyer_is_refused() {
    // SQLite has no replicas.
    for database in Database::at_hand().into_iter().filter(|database| *database != Database::Sqlite) {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let goods = market.seller("seller", 100_000).await;
        let buyer = market.buyer("buyer", 100_000_000).await;
        let over = AtomicBool::new(false);
        let buying = async {
            let mut orders = Vec::new();
            while !over.load(Ordering::SeqCst) {
                orders.push(buy(&ecosystem, &buyer, &goods, orders.len()).await);
            }
            orders
        };
        let replacing = async {
            for service in ["order", "payment", "logistics"] {
                for replica in ecosystem.replicas(service) {
                    ecosystem.replace(&replica).await;
                }
            }
            over.store(true, Ordering::SeqCst);
        };
        let (orders, ()) = tokio::join!(buying, replacing);
        for order in &orders {
            reaches(&buyer, order, "PAID").await;
        }
        ecosystem.is_well().await;
    }
}

/// Buys a piece, asking for everything once only.
async fn buy(ecosystem: &Ecosystem, buyer: &Person, goods: &Goods, number: usize) -> String {
    let checkout = json!({
        "lines": [{ "variantId": goods.variant, "quantity": "1" }],
        "shipTo": { "recipient": "Receiving", "lines": ["2 Dock Street"], "city": "Port", "country": "BR" },
    });
    let checkout = once(ecosystem, buyer, "/v1/checkouts", &format!("buy {number}"), checkout).await;
    let confirm = format!("/v1/payments/{}:confirm", text(&checkout, "paymentId"));
    once(
        ecosystem,
        buyer,
        &confirm,
        &format!("pay {number}"),
        json!({ "method": { "wallet": {} } }),
    )
    .await;
    text(&checkout["orders"][0], "id")
}

async fn once(ecosystem: &Ecosystem, buyer: &Person, path: &str, key: &str, body: Value) -> Value {
    let request = reqwest::Client::new().post(ecosystem.url() + path).header("idempotency-key", key);
    let answer = request.bearer_auth(buyer.client.token().unwrap()).json(&body).send().await.unwrap();
    let (status, body) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}
