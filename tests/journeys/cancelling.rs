//! Purchases that do not come to be.

use serde_json::json;
use tests::{Database, Ecosystem, reaches};
use tradewind::client::{Person, text};

use crate::conversing::is_told;

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
async fn who_pays_with_a_card_that_is_declined_is_notified_and_may_try_another() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let market = ecosystem.market();
    let goods = market.seller("seller", 10).await;
    let buyer = market.buyer("buyer", 0).await;
    let checkout = buyer.check_out("goods", &[(&goods.variant, 4)], &[], "BR").await.unwrap();
    let payment = text(&checkout, "paymentId");
    let confirm = async |key: &str, card: &str| {
        let body = json!({ "method": { "card": { "token": card } } });
        buyer
            .client
            .post(&format!("/v1/payments/{payment}:confirm"), key, body)
            .await
            .unwrap()
    };
    let declined = confirm("first card", "tok_declined_insufficient_funds").await;
    assert_eq!(text(&declined, "state"), "PAYMENT_STATE_REQUIRES_PAYMENT_METHOD");
    is_told(&buyer, &payment, &["payment_declined"]).await;
    confirm("second card", "tok_visa").await;
    reaches(&buyer, &text(&checkout["orders"][0], "id"), "PAID").await;
    ecosystem.is_well().await;
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
