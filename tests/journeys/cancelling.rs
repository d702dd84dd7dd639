//! Purchases that do not come to be.

use serde_json::json;
use tests::{Ecosystem, Market};
use tradewind::client::text;

use crate::{all_is_right, databases, reaches};

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_gives_back_money_and_stock() {
    for database in databases() {
        let ecosystem = Ecosystem::start(database).await;
        let market = Market {
            gateway: ecosystem.gateway(),
        };
        let goods = market.seller("seller", 10).await;
        let buyer = market.buyer("buyer", 5_000).await;

        let unpaid = buyer.check_out("unpaid", &[(&goods.variant, 4)], &[], "BR").await.unwrap();
        let order = text(&unpaid["orders"][0], "id");
        buyer
            .client
            .post(
                &format!("/v1/orders/{order}:cancel"),
                "cancel",
                json!({ "reason": "changed my mind" }),
            )
            .await
            .unwrap();
        reaches(&buyer, &order, "CANCELLED").await;
        harness::until("the stock is back", || async { goods.stock().await == (10, 0) }).await;
        assert!(buyer.pay("too late", &text(&unpaid, "paymentId")).await.is_err());

        let paid = buyer.check_out("paid", &[(&goods.variant, 4)], &[], "BR").await.unwrap();
        let order = text(&paid["orders"][0], "id");
        buyer.pay("pay", &text(&paid, "paymentId")).await.unwrap();
        reaches(&buyer, &order, "PAID").await;
        assert_eq!(buyer.balance("USD").await.unwrap(), 1_000);
        buyer
            .client
            .post(
                &format!("/v1/orders/{order}:cancel"),
                "cancel paid",
                json!({ "reason": "too slow" }),
            )
            .await
            .unwrap();
        reaches(&buyer, &order, "CANCELLED").await;
        assert_eq!(buyer.balance("USD").await.unwrap(), 5_000);
        harness::until("the stock is back again", || async { goods.stock().await == (10, 0) }).await;
        all_is_right(&ecosystem).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_name_their_fields_and_write_nothing() {
    let ecosystem = Ecosystem::start(tests::Database::Sqlite).await;
    let market = Market {
        gateway: ecosystem.gateway(),
    };
    let goods = market.seller("seller", 10).await;
    let buyer = market.buyer("buyer", 0).await;
    let refused = buyer.check_out("bad", &[(&goods.variant, -1)], &[], "BR").await.unwrap_err();
    assert!(refused.to_string().contains("quantity"), "{refused}");
    let refused = buyer.check_out("more", &[(&goods.variant, 11)], &[], "BR").await.unwrap_err();
    assert!(refused.reason().contains("STOCK"), "{refused}");
    assert_eq!(goods.stock().await, (10, 0));
    let stranger = market.gateway.get("/v1/orders").await.unwrap_err();
    assert!(stranger.to_string().starts_with("401"), "{stranger}");
}
