//! From listing to the seller's money.

use serde_json::json;
use tests::{Carrier, Database, Ecosystem, accept, reaches};
use tradewind::client::{money, number, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_from_two_sellers_travels_the_whole_ecosystem() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let (first, second) = (market.seller("first", 100).await, market.seller("second", 100).await);
        let buyer = market.buyer("buyer", 10_000).await;

        let quotation = first.quote(&buyer).await;
        let checkout = buyer
            .check_out("checkout", &[(&second.variant, 3)], &[&quotation], "BR")
            .await
            .unwrap();
        assert_eq!(number(&checkout["total"], "minorUnits"), 2 * 900 + 100 + 3 * 1_000);
        let orders = checkout["orders"].as_array().unwrap();
        let of = |seller: &str| text(orders.iter().find(|order| text(order, "sellerId") == seller).unwrap(), "id");
        let (quoted, plain) = (of(&first.seller.organisation), of(&second.seller.organisation));
        assert_eq!((first.stock().await, second.stock().await), ((100, 2), (100, 3)));

        // Asking again under the same key is the same checkout.
        let again = buyer
            .check_out("checkout", &[(&second.variant, 3)], &[&quotation], "BR")
            .await
            .unwrap();
        assert_eq!(text(&again, "id"), text(&checkout, "id"));

        let payment = text(&checkout, "paymentId");
        buyer.pay("pay", &payment).await.unwrap();
        buyer.pay("pay", &payment).await.unwrap();
        for order in [&quoted, &plain] {
            reaches(&buyer, order, "PAID").await;
        }
        assert_eq!(buyer.balance("USD").await.unwrap(), 10_000 - 4_900);

        let carrier = Carrier::of(&ecosystem);
        for (goods, order) in [(&first, &quoted), (&second, &plain)] {
            let number = goods.ship(order).await;
            reaches(&buyer, order, "SHIPPED").await;
            carrier
                .report(
                    &number,
                    &[
                        ("2", "out_for_delivery"),
                        ("2", "out_for_delivery"),
                        ("1", "in_transit"),
                        ("3", "delivered"),
                    ],
                )
                .await;
            reaches(&buyer, order, "DELIVERED").await;
        }
        assert_eq!((first.stock().await, second.stock().await), ((98, 0), (97, 0)));

        // One is accepted; the other's inspection window runs out by itself.
        accept(&buyer, &quoted).await;
        for order in [&quoted, &plain] {
            reaches(&buyer, order, "COMPLETED").await;
        }
        let (net, fee) = (1_800 + 100, 45);
        assert_eq!(first.seller.balance("USD").await.unwrap(), net - fee);
        assert_eq!(second.seller.balance("USD").await.unwrap(), 3_000 - 75);

        let timeline = buyer.client.get(&format!("/v1/orders/{plain}/timeline")).await.unwrap();
        let kinds: Vec<String> = timeline["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| text(entry, "kind"))
            .collect();
        for kind in [
            "placed",
            "paid",
            "shipped",
            "out_for_delivery",
            "delivered",
            "accepted",
            "completed",
        ] {
            assert!(kinds.iter().any(|known| known == kind), "{kind} is missing in {kinds:?}");
        }
        ecosystem.is_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_whose_price_changes_stay_the_same_goods() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let market = ecosystem.market();
    let goods = market.seller("seller", 100).await;
    let path = format!("/v1/products/{}", goods.product);
    let mut variant = goods.seller.client.get(&path).await.unwrap()["variants"][0].clone();
    variant["priceTiers"][0]["price"] = money(900, "USD");
    let changed = goods
        .seller
        .client
        .patch(&path, "cheaper", json!({ "variants": [variant] }))
        .await
        .unwrap();
    assert_eq!(text(&changed["variants"][0], "id"), goods.variant);
    assert_eq!(number(&changed["variants"][0]["priceTiers"][0]["price"], "minorUnits"), 900);

    // Its stock is still there to be sold.
    let buyer = market.buyer("buyer", 10_000).await;
    let checkout = buyer.check_out("checkout", &[(&goods.variant, 1)], &[], "BR").await.unwrap();
    assert_eq!(number(&checkout["total"], "minorUnits"), 900);
}
