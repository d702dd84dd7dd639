//! What order tells, over a real broker.

use std::time::Duration;

use harness::{Database, databases, reason, until};
use kernel::{CheckoutId, OrganisationId, VariantId};
use proto::logistics::v1::CreateShipmentRequest;

use crate::world::{Wanted, World, a_checkout, wanted};

/// Logistics, order and a broker between them; a seller with ten pieces, of which a checkout reserved four.
struct Story {
    world: World,
    checkout: CheckoutId,
    order: Wanted,
}

impl Story {
    async fn begin(database: Database) -> Self {
        let world = World::open(database).await;
        let (seller, variant) = world.seller_with(10).await;
        let (checkout, order) = (a_checkout(), wanted(seller, &[(variant, 4)]));
        let answer = world.reserve(checkout, std::slice::from_ref(&order)).await.unwrap();
        assert_eq!(answer.orders.len(), 1);
        Self { world, checkout, order }
    }

    fn goods(&self) -> (OrganisationId, VariantId) {
        (self.order.seller, self.order.lines[0].0)
    }

    async fn levels(&self) -> (i64, i64) {
        let (seller, variant) = self.goods();
        self.world.levels(seller, variant).await
    }

    async fn tell(&self, subject: &'static str) {
        self.world.orders.tell(subject, self.checkout, &self.order).await;
    }

    async fn count(&self, subject: &str) -> usize {
        self.world.count_told(subject, self.order.order).await
    }

    /// Waits until so many of these facts were told.
    async fn heard(&self, subject: &str, times: usize) {
        until(&format!("{subject} is told {times} times"), async || {
            self.count(subject).await == times
        })
        .await;
    }

    async fn ship(&self) -> Result<(), tonic::Status> {
        let request = CreateShipmentRequest {
            request_id: String::new(),
            order_id: self.order.order.to_string(),
            carrier: "sandbox".to_owned(),
            tracking_numbers: Vec::new(),
        };
        self.world.shipments(self.order.seller).create_shipment(request).await.map(drop)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_keeps_what_it_reserved_and_its_time_limit_ends() {
    for database in databases().await {
        let story = Story::begin(database).await;
        assert_eq!(story.world.database.count("timers").await, 1);
        story.tell("order.v1.paid").await;
        story.heard("logistics.v1.allocated", 1).await;
        assert_eq!(story.world.database.count("timers").await, 0);
        // Neither its time limit nor a late failure of the checkout touches what is paid.
        story.world.clock.advance(Duration::from_secs(7_200));
        story.world.orders.checkout_failed(story.checkout).await;
        story.tell("order.v1.paid").await;
        story.tell("order.v1.cancellation_requested").await;
        story.heard("logistics.v1.cancellation_accepted", 1).await;
        assert_eq!(
            (
                story.count("logistics.v1.allocated").await,
                story.count("logistics.v1.released").await
            ),
            (1, 1)
        );
        assert_eq!(story.levels().await, (10, 0));
        story.world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_checkout_gives_its_stock_back() {
    for database in databases().await {
        let story = Story::begin(database).await;
        story.world.orders.checkout_failed(story.checkout).await;
        story.heard("logistics.v1.released", 1).await;
        assert_eq!(story.levels().await, (10, 0));
        let again = story.world.reserve(story.checkout, std::slice::from_ref(&story.order)).await;
        assert_eq!(reason(&again.unwrap_err()), "CHECKOUT_RELEASED");
        story.world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_nobody_pays_gives_itself_back_and_a_late_payment_takes_it_again() {
    for database in databases().await {
        let story = Story::begin(database).await;
        assert_eq!(story.levels().await, (10, 4));
        story.world.clock.advance(Duration::from_secs(3_601));
        story.heard("logistics.v1.released", 1).await;
        assert_eq!(story.levels().await, (10, 0));
        story.tell("order.v1.paid").await;
        story.heard("logistics.v1.allocated", 1).await;
        assert_eq!(story.levels().await, (10, 4));
        story.world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_paid_when_nothing_is_left_hears_so_once() {
    for database in databases().await {
        let story = Story::begin(database).await;
        story.world.orders.checkout_failed(story.checkout).await;
        story.heard("logistics.v1.released", 1).await;
        let (seller, variant) = story.goods();
        let others = story.world.reserve(a_checkout(), &[wanted(seller, &[(variant, 7)])]).await.unwrap();
        assert_eq!(others.shortages, []);
        story.tell("order.v1.paid").await;
        story.tell("order.v1.paid").await;
        story.tell("order.v1.cancellation_requested").await;
        story.heard("logistics.v1.cancellation_accepted", 1).await;
        assert_eq!(story.count("logistics.v1.allocation_failed").await, 1);
        assert_eq!(story.count("logistics.v1.allocated").await, 0);
        assert_eq!(story.levels().await, (10, 7));
        story.world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_is_not_shipped_and_a_shipped_one_not_cancelled() {
    for database in databases().await {
        let story = Story::begin(database).await;
        story.tell("order.v1.paid").await;
        story.heard("logistics.v1.allocated", 1).await;
        story.ship().await.unwrap();
        story.tell("order.v1.cancellation_requested").await;
        story.tell("order.v1.cancelled").await;
        story.tell("order.v1.cancellation_requested").await;
        story.heard("logistics.v1.cancellation_refused", 2).await;
        assert_eq!(story.count("logistics.v1.cancellation_accepted").await, 0);
        assert_eq!(story.levels().await, (6, 0));

        let (seller, variant) = story.goods();
        let (checkout, other) = (a_checkout(), wanted(seller, &[(variant, 2)]));
        story.world.reserve(checkout, std::slice::from_ref(&other)).await.unwrap();
        let next = Story {
            checkout,
            order: other,
            ..story
        };
        next.tell("order.v1.paid").await;
        next.tell("order.v1.cancelled").await;
        next.heard("logistics.v1.released", 1).await;
        assert_eq!(next.ship().await.unwrap_err().code(), tonic::Code::FailedPrecondition);
        assert_eq!(next.levels().await, (6, 0));
        next.world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_about_an_order_that_nobody_reserved_are_taken_in() {
    for database in databases().await {
        let story = Story::begin(database).await;
        let (seller, variant) = story.goods();
        let strangers = ["order.v1.paid", "order.v1.cancelled", "order.v1.cancellation_requested"].map(|subject| {
            let order = wanted(seller, &[(variant, 1)]);
            (subject, a_checkout(), order)
        });
        for (subject, checkout, order) in &strangers {
            story.world.orders.tell(subject, *checkout, order).await;
        }
        let expected = ["logistics.v1.allocated", "", "logistics.v1.cancellation_accepted"];
        for ((_, checkout, order), told) in strangers.iter().zip(expected) {
            if told.is_empty() {
                continue;
            }
            until(told, async || story.world.count_told(told, order.order).await == 1).await;
            let late = story.world.reserve(*checkout, std::slice::from_ref(order)).await;
            assert_eq!(late.unwrap_err().code(), tonic::Code::FailedPrecondition);
        }
        assert_eq!(story.levels().await, (10, 5));
        story.world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_order_of_arrival_the_same_facts_end_in_the_same_stock() {
    const FACTS: [&str; 3] = ["order.v1.paid", "order.v1.cancellation_requested", "order.v1.cancelled"];
    let arrivals = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for database in databases().await {
        let story = Story::begin(database).await;
        let (seller, variant) = story.goods();
        let mut told = Vec::new();
        for arrival in arrivals {
            let (checkout, order) = (a_checkout(), wanted(seller, &[(variant, 1)]));
            let answer = story.world.reserve(checkout, std::slice::from_ref(&order)).await.unwrap();
            assert_eq!(answer.orders.len(), 1);
            for place in arrival.into_iter().chain(arrival) {
                story.world.orders.tell(FACTS[place], checkout, &order).await;
            }
            story.world.orders.checkout_failed(checkout).await;
            told.push(order.order);
        }
        for order in told {
            until("both requests are answered", async || {
                story.world.count_told("logistics.v1.cancellation_accepted", order).await == 2
            })
            .await;
            assert_eq!(story.world.count_told("logistics.v1.cancellation_refused", order).await, 0);
            assert_eq!(story.world.count_told("logistics.v1.released", order).await, 1);
        }
        // Only the story's own order still holds its four pieces.
        until("the stock is back", async || story.levels().await == (10, 4)).await;
        story.world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_shipping_and_cancelling_at_the_same_time_one_wins() {
    for database in databases().await {
        let mut story = Story::begin(database).await;
        let (seller, variant) = story.goods();
        let mut gone = 0;
        for _ in 0..6 {
            story.checkout = a_checkout();
            story.order = wanted(seller, &[(variant, 1)]);
            story
                .world
                .reserve(story.checkout, std::slice::from_ref(&story.order))
                .await
                .unwrap();
            story.tell("order.v1.paid").await;
            story.heard("logistics.v1.allocated", 1).await;
            let (shipped, ()) = tokio::join!(story.ship(), story.tell("order.v1.cancellation_requested"));
            gone += i64::from(shipped.is_ok());
            let answer = if shipped.is_ok() { "refused" } else { "accepted" };
            story.heard(&format!("logistics.v1.cancellation_{answer}"), 1).await;
        }
        assert_eq!(story.levels().await, (10 - gone, 4));
        story.world.ledger_agrees().await;
    }
}
