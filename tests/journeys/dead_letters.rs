//! An event that a service cannot digest, from the operator's side.

use harness::until;
use sea_orm::{ConnectionTrait, Database as SeaOrm};
use tests::{Carrier, Database, Ecosystem, reaches};

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_order_waits_for_its_operator_and_then_goes_on() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let operator = market.operator().await;
        let goods = market.seller("seller", 100).await;
        let buyer = market.buyer("buyer", 100_000).await;
        let carrier = Carrier::of(&ecosystem);
        let mut orders = Vec::new();
        for turn in 0..2 {
            orders.push(goods.sell(&buyer, &format!("purchase {turn}"), 1).await);
        }
        let (well, said) = ecosystem.run(&["doctor"]).await;
        assert!(well, "{said}");

        // A foreign hand breaks the first order's row; what happens to its shipment cannot be taken in. It raises the row's version, as
        // whoever changes a row must: a process that remembers the row would write over it otherwise.
        let orders_table = SeaOrm::connect(ecosystem.database("order")).await.unwrap();
        let poison = |from: &str, to: &str| {
            let first = "(SELECT min(created) FROM orders)";
            format!("UPDATE orders SET state = '{to}', version = version + 1 WHERE state = '{from}' AND created = {first}")
        };
        let poisoned = orders_table.execute_unprepared(&poison("paid", "poison")).await.unwrap();
        assert_eq!(poisoned.rows_affected(), 1);
        let (sick, healthy) = (&orders[0], &orders[1]);
        for order in [sick, healthy] {
            let number = goods.ship(order).await;
            carrier
                .report(&number, &[("1", "in_transit"), ("2", "out_for_delivery"), ("3", "delivered")])
                .await;
        }
        // The other order is not held up.
        reaches(&buyer, healthy, "DELIVERED").await;
        until("the events of its shipment queue", || async {
            let (_, said) = ecosystem.run(&["dlq", "list", "--service", "order", "--all"]).await;
            said.contains("logistics.v1.shipped") && said.contains("logistics.v1.delivered")
        })
        .await;
        let (done, said) = ecosystem.run(&["dlq", "list"]).await;
        assert!(done, "{said}");
        let heads: Vec<&str> = said.lines().filter(|line| line.contains("evt_")).collect();
        assert_eq!(heads.len(), 1, "{said}");
        assert!(
            heads[0].starts_with("order <- logistics") && heads[0].contains("logistics.v1.shipped"),
            "{said}"
        );
        assert!(said.contains("tried 5 times") && said.contains("corrupt row in orders"), "{said}");

        // The doctor finds it. Trying again too early changes nothing but the count.
        let (well, said) = ecosystem.run(&["doctor", "--quick"]).await;
        assert!(
            !well && said.contains("dead letters; see `tradewind dlq list --service order`"),
            "{said}"
        );
        let (done, said) = ecosystem.run(&["dlq", "redrive", "--service", "order"]).await;
        assert!(!done && said.contains("tried 6 times"), "{said}");

        // The cause is mended, and the queue goes through in its order.
        orders_table.execute_unprepared(&poison("poison", "paid")).await.unwrap();
        let (done, said) = ecosystem.run(&["dlq", "redrive", "--service", "order"]).await;
        assert!(done && said.contains("0 remain"), "{said}");
        // Nobody accepts it: its inspection window runs out by itself.
        reaches(&buyer, sick, "COMPLETED").await;
        let (well, said) = ecosystem.run(&["doctor"]).await;
        assert!(well, "{said}");

        // Only operators get in.
        let refused = buyer.client.get("/v1/operations/order/deadLetters").await.unwrap_err();
        assert_eq!(refused.reason(), "PERMISSION_DENIED");
        let nowhere = operator.client.get("/v1/operations/nowhere/status").await.unwrap_err();
        assert_eq!(nowhere.reason(), "NO_SERVICE");
    }
}
