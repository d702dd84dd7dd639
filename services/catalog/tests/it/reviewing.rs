//! Reviews: only of what was bought, and what they come to.

use events::{Begin, Bus};
use harness::{Outbox, databases, until};
use kernel::{OrderId, ProductId};
use proto::{
    catalog::v1::{self, review_service_client::ReviewServiceClient},
    order::v1::{OrderChanged, OrderedLine},
};
use tonic::{Code, Status};

use crate::world::{Seller, World, bolts, fields, now, reason};

/// Who buys.
pub(crate) const BUYER: Seller = Seller(50);

/// The order service, as far as the catalog hears of it.
pub(crate) struct Orders(Outbox);

impl Orders {
    pub(crate) async fn open(world: &World) -> Self {
        Self(Outbox::of("order", &world.nats).await)
    }

    /// Tells that the buyer's order of these lines went through.
    pub(crate) async fn complete(&self, product: &v1::Product, order: OrderId) {
        let line = |variant: &v1::Variant| OrderedLine {
            variant_id: variant.id.clone(),
            product_id: product.id.clone(),
            quantity: 10,
        };
        let body = OrderChanged {
            order_id: order.to_string(),
            buyer_id: BUYER.organisation().to_string(),
            seller_id: product.owner_id.clone(),
            lines: product.variants.iter().map(line).collect(),
            ..OrderChanged::default()
        };
        self.0.tell("order.v1.completed", order, &body).await;
    }
}

fn review(order: OrderId, variant: &v1::Variant, product_rating: i32, seller_rating: i32) -> v1::CreateReviewRequest {
    v1::CreateReviewRequest {
        order_id: order.to_string(),
        variant_id: variant.id.clone(),
        product_rating,
        seller_rating,
        text: "They hold".to_owned(),
        ..v1::CreateReviewRequest::default()
    }
}

async fn write(world: &World, by: Seller, request: v1::CreateReviewRequest) -> Result<v1::Review, Status> {
    let mut client = ReviewServiceClient::new(world.channel());
    client.create_review(world.by(by, request)).await.map(tonic::Response::into_inner)
}

/// Writes as soon as the catalog has heard of the purchase.
async fn write_soon(world: &World, request: v1::CreateReviewRequest) -> v1::Review {
    let written = tokio::sync::Mutex::new(None);
    until("the purchase is known", || async {
        match write(world, BUYER, request.clone()).await {
            Ok(review) => {
                *written.lock().await = Some(review);
                true
            }
            Err(status) => {
                assert_eq!(reason(&status), "NOT_BOUGHT");
                false
            }
        }
    })
    .await;
    written.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_buyer_of_a_completed_order_reviews_each_line_once() {
    for database in databases().await {
        let world = World::start(database).await;
        let orders = Orders::open(&world).await;
        let store = world.open_store(Seller(1)).await;
        let product = world.list(Seller(1), bolts(&store, "HB")).await;
        let (order, other) = (OrderId::at(now()), OrderId::at(now()));
        orders.complete(&product, order).await;
        // The same fact once more, as a replay of the stream would bring it.
        orders.complete(&product, order).await;

        let first = write_soon(&world, review(order, &product.variants[0], 5, 4)).await;
        let twice = write(&world, BUYER, review(order, &product.variants[0], 1, 1)).await.unwrap_err();
        assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "ALREADY_REVIEWED"));
        let stranger = write(&world, Seller(2), review(order, &product.variants[1], 1, 1))
            .await
            .unwrap_err();
        assert_eq!(reason(&stranger), "NOT_BOUGHT");
        let unknown = write(&world, BUYER, review(other, &product.variants[0], 1, 1)).await.unwrap_err();
        assert_eq!(reason(&unknown), "NOT_BOUGHT");
        let bad = write(&world, BUYER, review(order, &product.variants[1], 6, 0)).await.unwrap_err();
        assert_eq!(fields(&bad), ["product_rating", "seller_rating"]);

        let request = v1::CreateReviewRequest {
            request_id: "again".to_owned(),
            ..review(order, &product.variants[1], 2, 3)
        };
        let second = write(&world, BUYER, request.clone()).await.unwrap();
        assert_eq!(write(&world, BUYER, request).await.unwrap(), second, "the same request again");
        let rated = world.get(0, &product.id).await.unwrap();
        let expected = v1::Rating { average: 3.5, count: 2 };
        assert_eq!((rated.rating, rated.etag.as_str()), (Some(expected), "1.2"));

        let mut client = ReviewServiceClient::new(world.channel());
        let list = v1::ListReviewsRequest {
            product_id: product.id.clone(),
            page_size: 1,
            ..v1::ListReviewsRequest::default()
        };
        let page = client.list_reviews(list.clone()).await.unwrap().into_inner();
        assert_eq!(page.reviews, [second]);
        let rest = v1::ListReviewsRequest {
            page_token: page.next_page_token,
            ..list
        };
        let rest = client.list_reviews(rest).await.unwrap().into_inner();
        assert_eq!((rest.reviews, rest.next_page_token.as_str()), (vec![first], ""));
        let seller = v1::GetSellerRatingRequest {
            seller_id: product.owner_id.clone(),
        };
        let seller = client.get_seller_rating(seller).await.unwrap().into_inner();
        assert_eq!((seller.average, seller.count), (3.5, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_does_not_come_between_a_seller_and_its_product_but_another_change_does() {
    for database in databases().await {
        let world = World::start(database).await;
        let orders = Orders::open(&world).await;
        let store = world.open_store(Seller(1)).await;
        let product = world.list(Seller(1), bolts(&store, "HB")).await;
        let id: ProductId = product.id.parse().unwrap();
        let seen = world.get(0, &product.id).await.unwrap();
        let order = OrderId::at(now());
        orders.complete(&product, order).await;
        write_soon(&world, review(order, &product.variants[0], 4, 4)).await;
        let rated = world.get(0, &product.id).await.unwrap();
        assert_ne!(rated.etag, seen.etag, "who keeps a copy needs a new one");

        let update = |title: &str, etag: &str| {
            let request = v1::UpdateProductRequest {
                product_id: product.id.clone(),
                product: Some(v1::Product {
                    title: title.to_owned(),
                    ..v1::Product::default()
                }),
                etag: etag.to_owned(),
                ..v1::UpdateProductRequest::default()
            };
            let (mut products, request) = (world.products(), world.by(Seller(1), request));
            async move { products.update_product(request).await.map(tonic::Response::into_inner) }
        };
        let changed = update("Hexagon bolt", &seen.etag).await.unwrap();
        assert_eq!((changed.title.as_str(), changed.rating), ("Hexagon bolt", rated.rating));
        for old in [&seen.etag, &rated.etag] {
            let late = update("Bolt", old).await.unwrap_err();
            assert_eq!((late.code(), reason(&late).as_str()), (Code::Aborted, "STALE_VERSION"));
        }
        write(&world, BUYER, review(order, &product.variants[1], 2, 2)).await.unwrap();
        let archive = v1::ArchiveProductRequest {
            product_id: product.id.clone(),
            etag: changed.etag,
            ..v1::ArchiveProductRequest::default()
        };
        let archived = world.products().archive_product(world.by(Seller(1), archive)).await.unwrap();
        let expected = v1::Rating { average: 3.0, count: 2 };

        let bus = Bus::connect(&world.nats.url()).await.unwrap();
        let mut follower = bus.follow("catalog", Begin::Sequence(1)).await.unwrap();
        let mut told = Vec::new();
        while told.len() < 5 {
            let events = follower.next().await.unwrap();
            told.extend(events.into_iter().filter(|(_, event)| event.aggregate == id.uuid()));
        }
        assert_eq!(told.iter().map(|(_, event)| event.version).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let last = told[4].1.decode::<v1::ProductChanged>().unwrap().product.unwrap();
        assert_eq!((last.rating, &last), (Some(expected), archived.get_ref()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_seller_answers_and_only_once() {
    for database in databases().await {
        let world = World::start(database).await;
        let orders = Orders::open(&world).await;
        let store = world.open_store(Seller(1)).await;
        let product = world.list(Seller(1), bolts(&store, "HB")).await;
        let order = OrderId::at(now());
        orders.complete(&product, order).await;
        let written = write_soon(&world, review(order, &product.variants[0], 5, 5)).await;
        let reply = || v1::ReplyToReviewRequest {
            review_id: written.id.clone(),
            text: "Thank you".to_owned(),
            ..v1::ReplyToReviewRequest::default()
        };
        let mut client = ReviewServiceClient::new(world.channel());
        let stranger = client.reply_to_review(world.by(BUYER, reply())).await.unwrap_err();
        assert_eq!(stranger.code(), Code::PermissionDenied);
        let answered = client.reply_to_review(world.by(Seller(1), reply())).await.unwrap().into_inner();
        assert_eq!((answered.reply.as_str(), answered.text.as_str()), ("Thank you", "They hold"));
        let twice = client.reply_to_review(world.by(Seller(1), reply())).await.unwrap_err();
        assert_eq!(reason(&twice), "ALREADY_ANSWERED");
        let get = v1::GetReviewRequest {
            review_id: written.id.clone(),
        };
        assert_eq!(client.get_review(get).await.unwrap().into_inner(), answered);
    }
}
