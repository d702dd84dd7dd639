//! A broker that loses all it had: what was published and not yet heard comes again, what was heard changes nothing.

use harness::until;
use serde_json::json;
use tests::{Carrier, Ecosystem, Market};
use tradewind::client::{Person, text};

use crate::databases;

async fn reaches(buyer: &Person, order: &str, state: &str) {
    until(&format!("{order} is {state}"), || async {
        let order = buyer.order(order).await;
        order.is_ok_and(|order| text(&order, "state") == format!("ORDER_STATE_{state}"))
    })
    .await;
}

/// What no replay may change: the ledger, line by line, and everybody's money.
async fn money(market: &Market, people: &[&Person]) -> (String, Vec<i64>) {
    let operator = Person::join(&market.gateway, tradewind::seed::OPERATOR, "Operator", "SG")
        .await
        .unwrap();
    let books = operator.client.get("/v1/ledger/trialBalance").await.unwrap();
    let mut balances = Vec::new();
    for person in people {
        balances.push(person.balance("USD").await.unwrap());
    }
    (books.to_string(), balances)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_its_streams_is_told_again_and_every_service_ends_right() {
    for database in databases() {
        let ecosystem = Ecosystem::start(database).await;
        let market = Market {
            gateway: ecosystem.gateway(),
        };
        Person::join(&market.gateway, tradewind::seed::OPERATOR, "Operator", "SG")
            .await
            .unwrap();
        let goods = market.seller("seller", 100).await;
        let buyer = market.buyer("buyer", 100_000).await;
        let carrier = Carrier::of(&ecosystem);

        // One order has come to its end, one is delivered, one is paid.
        let mut orders = Vec::new();
        for turn in 0..3 {
            let checkout = buyer
                .check_out(&format!("checkout {turn}"), &[(&goods.variant, 1)], &[], "BR")
                .await
                .unwrap();
            buyer.pay(&format!("pay {turn}"), &text(&checkout, "paymentId")).await.unwrap();
            let order = text(&checkout["orders"][0], "id");
            reaches(&buyer, &order, "PAID").await;
            orders.push(order);
        }
        let accept = async |order: &String| {
            let accepted = buyer
                .client
                .post(&format!("/v1/orders/{order}:accept"), &format!("accept {order}"), json!({}))
                .await;
            accepted.unwrap();
        };
        for order in &orders[..2] {
            let number = goods.ship(order).await;
            carrier.report(&number, &[("1", "in_transit"), ("2", "delivered")]).await;
            reaches(&buyer, order, "DELIVERED").await;
        }
        accept(&orders[0]).await;
        reaches(&buyer, &orders[0], "COMPLETED").await;

        // Payment stands still while the second is accepted: the event is with the broker, which then forgets everything, and payment dies with what it
        // had been sent.
        for replica in ecosystem.replicas("payment") {
            ecosystem.freeze(&replica);
        }
        accept(&orders[1]).await;
        let order_status = async || ecosystem.run(&["doctor", "--quick"]).await.1;
        until("the acceptance is published", || async {
            order_status()
                .await
                .lines()
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
        until("all consumers have heard all of it", || async {
            let (well, said) = ecosystem.run(&["doctor", "--lag", "0"]).await;
            well && !said.contains("WRONG")
        })
        .await;
        assert_eq!(money(&market, &[&buyer, &goods.seller]).await, before);
        for (order, state) in orders.iter().zip(["COMPLETED", "COMPLETED", "PAID"]) {
            reaches(&buyer, order, state).await;
        }
        assert_eq!(goods.stock().await, (98, 1));

        // And what happens next is heard by everyone.
        let number = goods.ship(&orders[2]).await;
        carrier.report(&number, &[("1", "delivered")]).await;
        accept_when_delivered(&buyer, &orders[2]).await;
        assert_eq!(market.violations().await, Vec::<serde_json::Value>::new());
    }
}

async fn accept_when_delivered(buyer: &Person, order: &str) {
    reaches(buyer, order, "DELIVERED").await;
    buyer
        .client
        .post(&format!("/v1/orders/{order}:accept"), "the last", json!({}))
        .await
        .unwrap();
    reaches(buyer, order, "COMPLETED").await;
}
