//! What happened in the catalog, as facts on the bus. Each carries its whole
//! noun as everyone may see it, so that nobody who hears it has to ask.

use kernel::{OrderId, OrganisationId, ReviewId};
use proto::catalog::v1;
use store::Fact;

use crate::domain::{Category, Event, Product, Shop, buyer_review::BuyerReview, review::Review};

const fn subject(event: Event) -> &'static str {
    match event {
        Event::CategoryCreated => "catalog.v1.category_created",
        Event::CategoryChanged => "catalog.v1.category_changed",
        Event::StoreCreated => "catalog.v1.store_created",
        Event::StoreChanged => "catalog.v1.store_changed",
        Event::ProductCreated => "catalog.v1.product_created",
        Event::ProductChanged => "catalog.v1.product_changed",
        Event::ProductPublished => "catalog.v1.product_published",
        Event::ProductArchived => "catalog.v1.product_archived",
        Event::ProductRated => "catalog.v1.product_rated",
        Event::ReviewWritten => "catalog.v1.review_written",
        Event::ReviewAnswered => "catalog.v1.review_answered",
    }
}

/// A category's event.
pub(crate) fn category(event: Event, category: &Category, message: &v1::Category) -> Fact {
    let body = v1::CategoryChanged {
        category: Some(message.clone()),
    };
    Fact::new(subject(event), category.id, [category.owner], &body)
}

/// A store's event.
pub(crate) fn shop(event: Event, shop: &Shop, message: &v1::Store) -> Fact {
    let body = v1::StoreChanged {
        store: Some(message.clone()),
    };
    Fact::new(subject(event), shop.id, [shop.owner], &body)
}

/// A product's event.
pub(crate) fn product(event: Event, product: &Product, message: &v1::Product) -> Fact {
    let body = v1::ProductChanged {
        product: Some(message.clone()),
    };
    Fact::new(subject(event), product.id, [product.owner], &body)
}

/// What a buyer or a seller's reply said, for both to hear of.
pub(crate) fn review(event: Event, review: &Review, message: &v1::Review) -> Fact {
    let body = v1::ReviewChanged {
        review: Some(message.clone()),
        ..v1::ReviewChanged::default()
    };
    reviewed(event, review.id, review.order, [review.buyer, review.seller], body)
}

/// What a seller said of a buyer, as [`review`].
pub(crate) fn buyer_review(event: Event, review: &BuyerReview, message: &v1::BuyerReview) -> Fact {
    let body = v1::ReviewChanged {
        buyer_review: Some(message.clone()),
        ..v1::ReviewChanged::default()
    };
    reviewed(event, review.id, review.order, [review.buyer, review.seller], body)
}

fn reviewed(event: Event, review: ReviewId, order: OrderId, [buyer, seller]: [OrganisationId; 2], said: v1::ReviewChanged) -> Fact {
    let body = v1::ReviewChanged {
        order_id: order.to_string(),
        buyer_id: buyer.to_string(),
        seller_id: seller.to_string(),
        ..said
    };
    Fact::new(subject(event), review, [buyer, seller], &body)
}
