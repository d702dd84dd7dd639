//! Reviews of buyers: only by who sold to them, and what they come to.

use events::{Begin, Bus};
use harness::{databases, until};
use kernel::OrderId;
use proto::catalog::v1::{self, review_service_client::ReviewServiceClient};
use tonic::{Code, Status};

use crate::{
    reviewing::{BUYER, Orders},
    world::{Seller, World, bolts, fields, now, reason},
};

const SELLER: Seller = Seller(1);

fn review(order: OrderId, rating: i32) -> v1::CreateBuyerReviewRequest {
    v1::CreateBuyerReviewRequest {
        order_id: order.to_string(),
        rating,
        text: "Paid at once".to_owned(),
        ..v1::CreateBuyerReviewRequest::default()
    }
}

async fn write(world: &World, by: Seller, request: v1::CreateBuyerReviewRequest) -> Result<v1::BuyerReview, Status> {
    let mut client = ReviewServiceClient::new(world.channel());
    client
        .create_buyer_review(world.by(by, request))
        .await
        .map(tonic::Response::into_inner)
}

async fn page(world: &World, page_size: i32, page_token: String) -> v1::ListBuyerReviewsResponse {
    let request = v1::ListBuyerReviewsRequest {
        buyer_id: BUYER.organisation().to_string(),
        page_size,
        page_token,
    };
    let mut client = ReviewServiceClient::new(world.channel());
    client.list_buyer_reviews(world.by(Seller(2), request)).await.unwrap().into_inner()
}

async fn rating(world: &World) -> v1::Rating {
    let request = v1::GetBuyerRatingRequest {
        buyer_id: BUYER.organisation().to_string(),
    };
    let mut client = ReviewServiceClient::new(world.channel());
    client.get_buyer_rating(world.by(Seller(2), request)).await.unwrap().into_inner()
}

/// Waits until the catalog has heard of a sale: from then on a bad rating is all that is wrong.
async fn heard_of(world: &World, order: OrderId) {
    until("the sale is known", || async {
        let refused = write(world, Seller(2), review(order, 5)).await.unwrap_err();
        assert_eq!(reason(&refused), "NOT_SOLD", "nobody but the seller");
        page(world, 10, String::new()).await.reviews.is_empty() && write(world, SELLER, review(order, 5)).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_seller_of_a_completed_order_reviews_its_buyer_once() {
    for database in databases().await {
        let world = World::start(database).await;
        let orders = Orders::open(&world).await;
        let store = world.open_store(SELLER).await;
        let product = world.list(SELLER, bolts(&store, "HB")).await;
        let (first, second) = (OrderId::at(now()), OrderId::at(now()));
        assert_eq!(rating(&world).await, v1::Rating::default());
        for order in [first, second, first] {
            orders.complete(&product, order).await;
        }

        heard_of(&world, first).await;
        let twice = write(&world, SELLER, review(first, 1)).await.unwrap_err();
        assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "ALREADY_REVIEWED"));
        let himself = write(&world, BUYER, review(second, 5)).await.unwrap_err();
        assert_eq!(reason(&himself), "NOT_SOLD");
        let unknown = write(&world, SELLER, review(OrderId::at(now()), 5)).await.unwrap_err();
        assert_eq!(reason(&unknown), "NOT_SOLD");
        for stars in [0, 6] {
            let bad = write(&world, SELLER, review(second, stars)).await.unwrap_err();
            assert_eq!(fields(&bad), ["rating"]);
        }

        let request = v1::CreateBuyerReviewRequest {
            request_id: "again".to_owned(),
            ..review(second, 2)
        };
        let written = write(&world, SELLER, request.clone()).await.unwrap();
        assert_eq!(write(&world, SELLER, request).await.unwrap(), written, "the same request again");
        assert_eq!(rating(&world).await, v1::Rating { average: 3.5, count: 2 });

        let newest = page(&world, 1, String::new()).await;
        assert_eq!(newest.reviews, [written]);
        let rest = page(&world, 1, newest.next_page_token).await;
        assert_eq!((rest.reviews[0].rating, rest.next_page_token.as_str()), (5, ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_of_a_buyer_is_told_with_its_order_and_both_sides() {
    for database in databases().await {
        let world = World::start(database).await;
        let orders = Orders::open(&world).await;
        let store = world.open_store(SELLER).await;
        let product = world.list(SELLER, bolts(&store, "HB")).await;
        let order = OrderId::at(now());
        orders.complete(&product, order).await;
        heard_of(&world, order).await;

        let bus = Bus::connect(&world.nats.url()).await.unwrap();
        let mut follower = bus.follow("catalog", Begin::Sequence(1)).await.unwrap();
        let mut heard = Vec::new();
        while heard.len() < 3 {
            heard.extend(follower.next().await.unwrap());
        }
        let (_, event) = &heard[2];
        assert_eq!(event.subject.as_str(), "catalog.v1.review_written");
        let said: v1::ReviewChanged = event.decode().unwrap();
        let (buyer, seller) = (BUYER.organisation().to_string(), SELLER.organisation().to_string());
        assert_eq!((said.order_id, said.buyer_id, said.seller_id), (order.to_string(), buyer, seller));
        assert_eq!((said.review, said.buyer_review.map(|review| review.rating)), (None, Some(5)));
        assert_eq!(event.owners, [BUYER.organisation(), SELLER.organisation()]);
    }
}
