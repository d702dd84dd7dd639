//! Purchases that do not come to be.

use serde_json::json;
use tests::{Database, Ecosystem, reaches};
use tradewind::client::{Person, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_gives_back_money_and_stock() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let goods = market.seller("seller", 10).await;
        let buyer = market.buyer("buyer", 5_000).await;

        let unpaid = buyer.check_out("unpaid", &[(&goods.variant, 4)], &[], "BR").await.unwrap();
        let order = text(&unpaid["orders"][0], "id");
        cancel(&buyer, &order).await;
        harness::until("the stock is back", || async { goods.stock().await == (10, 0) }).await;
        assert!(buyer.pay("too late", &text(&unpaid, "paymentId")).await.is_err());

        let paid = buyer.check_out("paid", &[(&goods.variant, 4)], &[], "BR").await.unwrap();
        let order = text(&paid["orders"][0], "id");
        buyer.pay("pay", &text(&paid, "paymentId")).await.unwrap();
        reaches(&buyer, &order, "PAID").await;
        assert_eq!(buyer.balance("USD").await.unwrap(), 1_000);
        cancel(&buyer, &order).await;
        assert_eq!(buyer.balance("USD").await.unwrap(), 5_000);
        harness::until("the stock is back again", || async { goods.stock().await == (10, 0) }).await;
        ecosystem.is_well().await;
    }
}

async fn cancel(buyer: &Person, order: &str) {
    let (path, body) = (format!("/v1/orders/{order}:cancel"), json!({ "reason": "changed my mind" }));
    buyer.client.post(&path, &format!("cancel {order}"), body).await.unwrap();
    reaches(buyer, order, "CANCELLED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_name_their_fields_and_write_nothing() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let market = ecosystem.market();
    let goods = market.seller("seller", 10).await;
    let buyer = market.buyer("buyer", 0).await;
    let refused = buyer.check_out("bad", &[(&goods.variant, -1)], &[], "BR").await.unwrap_err();
    assert!(refused.to_string().contains("quantity"), "{refused}");
    let refused = buyer.check_out("more", &[(&goods.variant, 11)], &[], "BR").await.unwrap_err();
    assert!(refused.reason() == "OUT_OF_STOCK", "{refused}");
    assert_eq!(goods.stock().await, (10, 0));
    let stranger = market.gateway.get("/v1/orders").await.unwrap_err();
    assert!(stranger.to_string().starts_with("401"), "{stranger}");
}
