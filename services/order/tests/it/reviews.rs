//! What the two sides of a trade say of each other, as the order's timeline shows it.

use harness::{Outbox, until};
use kernel::{OrderId, ReviewId};
use proto::{
    catalog::v1::{BuyerReview, Review, ReviewChanged},
    order::v1::{GetTimelineRequest, OrderState},
};

use crate::world::{organisation, quick, request, worlds};

#[tokio::test(flavor = "multi_thread")]
async fn reviews_of_both_sides_stand_in_the_timeline_once_and_change_nothing_else() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let catalog = Outbox::of("catalog", &world.nats).await;
        let (buyer, seller) = (organisation(), organisation());
        let variant = world.goods(seller, 1_000, 10);
        let client = instance.client(buyer);
        let checkout = client.check_out(request("", &[(variant, 1)])).await.unwrap();
        let order: OrderId = checkout.orders[0].id.parse().unwrap();
        let reviews = [ReviewId::derived(order, "line"), ReviewId::derived(order, "buyer")];
        let said = ReviewChanged {
            order_id: order.to_string(),
            buyer_id: buyer.to_string(),
            seller_id: seller.to_string(),
            ..ReviewChanged::default()
        };
        let of_line = ReviewChanged {
            review: Some(Review {
                id: reviews[0].to_string(),
                product_rating: 5,
                seller_rating: 4,
                text: "They hold".to_owned(),
                ..Review::default()
            }),
            ..said.clone()
        };
        let of_buyer = ReviewChanged {
            buyer_review: Some(BuyerReview {
                id: reviews[1].to_string(),
                rating: 3,
                ..BuyerReview::default()
            }),
            ..said
        };
        // The first is told twice, as it would be when a stream was lost.
        for (review, body) in [(reviews[0], &of_line), (reviews[0], &of_line), (reviews[1], &of_buyer)] {
            catalog.tell("catalog.v1.review_written", review, body).await;
        }

        let timeline = || async {
            let request = GetTimelineRequest {
                order_id: order.to_string(),
            };
            client.orders.clone().get_timeline(request).await.unwrap().into_inner().entries
        };
        until("both reviews are filed", || async { timeline().await.len() == 3 }).await;
        world.rests().await;
        let filed = timeline().await;
        let filed: Vec<_> = filed
            .iter()
            .map(|entry| [&entry.kind, &entry.reference, &entry.detail].map(String::as_str))
            .collect();
        assert_eq!(filed[0][0], "placed");
        let (line, buyers) = (reviews[0].to_string(), reviews[1].to_string());
        let mut told = [
            ["reviewed", line.as_str(), "by the buyer: product 5 of 5, seller 4 of 5"],
            ["reviewed", buyers.as_str(), "by the seller: buyer 3 of 5"],
        ];
        if filed[1] != told[0] {
            // Facts of different aggregates come in any order.
            told.reverse();
        }
        assert_eq!(filed[1..], told);
        assert_eq!(client.order(&order.to_string()).await.state(), OrderState::Placed);
    }
}
