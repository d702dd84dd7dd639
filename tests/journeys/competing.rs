//! Many buyers after few pieces.

use futures::future::join_all;
use tests::{Database, Ecosystem, reaches};
use tradewind::client::text;

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_buyers_after_ten_pieces_buy_exactly_ten() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let goods = market.seller("seller", 10).await;
        let names: Vec<String> = (0..64).map(|number| format!("buyer{number}")).collect();
        let buyers = join_all(names.iter().map(|name| market.buyer(name, 1_000))).await;
        let purchases = buyers.iter().map(|buyer| async {
            let checkout = match buyer.check_out("one", &[(&goods.variant, 1)], &[], "BR").await {
                Ok(checkout) => checkout,
                Err(refused) => {
                    assert_eq!(refused.reason(), "OUT_OF_STOCK", "{refused}");
                    return None;
                }
            };
            buyer.pay("pay", &text(&checkout, "paymentId")).await.unwrap();
            let order = text(&checkout["orders"][0], "id");
            reaches(buyer, &order, "PAID").await;
            Some(order)
        });
        let bought = join_all(purchases).await.into_iter().flatten().count();
        assert_eq!(bought, 10);
        assert_eq!(goods.stock().await, (10, 10));
        ecosystem.is_well().await;
    }
}
