//! A broker that loses all it had: what was published and not yet heard comes again, what was heard changes nothing.

use harness::until;
use tests::{Carrier, Database, Ecosystem, Market, accept, reaches};
use tradewind::client::Person;

/// What no replay may change: the ledger, line by line, and everybody's money.
async fn money(market: &Market, people: &[&Person]) -> (String, Vec<i64>) {
    let operator = market.operator().await;
    let books = operator.client.get("/v1/ledger/trialBalance").await.unwrap();
    let mut balances = Vec::new();
    for person in people {
        balances.push(person.balance("USD").await.unwrap());
    }
    (books.to_string(), balances)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_its_streams_is_told_again_and_every_service_ends_right() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let goods = market.seller("seller", 100).await;
        let buyer = market.buyer("buyer", 100_000).await;
        let carrier = Carrier::of(&ecosystem);

        // One order has come to its end, one is delivered, one is paid.
        let mut orders = Vec::new();
        for turn in 0..3 {
            orders.push(goods.sell(&buyer, &format!("purchase {turn}"), 1).await);
        }
        for order in &orders[..2] {
            let number = goods.ship(order).await;
            carrier.report(&number, &[("1", "in_transit"), ("2", "delivered")]).await;
            reaches(&buyer, order, "DELIVERED").await;
        }
        accept(&buyer, &orders[0]).await;
        reaches(&buyer, &orders[0], "COMPLETED").await;

        // Payment stands still while the second is accepted: the event is with the broker, which then
        // forgets everything, and payment dies with what it had been sent.
        for replica in ecosystem.replicas("payment") {
            ecosystem.freeze(&replica);
        }
        accept(&buyer, &orders[1]).await;
        until("the acceptance is published", || async {
            let (_, said) = ecosystem.run(&["doctor", "--quick"]).await;
            said.lines()
                .any(|line| line.contains("order") && line.contains("outbox") && line.contains(" 0 events wait"))
        })
        .await;
        ecosystem.lose_streams().await;
        for replica in ecosystem.replicas("payment") {
            ecosystem.kill(&replica);
        }
        ecosystem.ready().await;
        reaches(&buyer, &orders[1], "COMPLETED").await;

        // The operator makes sure, and nothing happens twice.
        let before = money(&market, &[&buyer, &goods.seller]).await;
        let (done, said) = ecosystem.run(&["events", "replay", "--since", "2h"]).await;
        assert!(done, "{said}");
        for service in ["order", "payment", "logistics"] {
            let told = said.lines().find(|line| line.starts_with(service)).unwrap();
            assert!(!told.contains(": 0 events"), "{said}");
        }
        ecosystem.is_well().await;
        assert_eq!(money(&market, &[&buyer, &goods.seller]).await, before);
        for (order, state) in orders.iter().zip(["COMPLETED", "COMPLETED", "PAID"]) {
            reaches(&buyer, order, state).await;
        }
        assert_eq!(goods.stock().await, (98, 1));

        // And what happens next is heard by everyone.
        let number = goods.ship(&orders[2]).await;
        carrier.report(&number, &[("1", "delivered")]).await;
        reaches(&buyer, &orders[2], "DELIVERED").await;
        accept(&buyer, &orders[2]).await;
        reaches(&buyer, &orders[2], "COMPLETED").await;
        ecosystem.is_well().await;
    }
}
