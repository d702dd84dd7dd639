//! One side of a trade said what it thinks of the other, for the timeline. The words stay where they were written.

use std::sync::Arc;

use events::{Event, Failure};
use proto::catalog::v1::ReviewChanged;

use super::tell;
use crate::context::Context;

pub(super) async fn handle(context: Arc<Context>, event: Event) -> Result<(), Failure> {
    let body: ReviewChanged = event.decode()?;
    let (review, detail) = match (body.review, body.buyer_review) {
        (Some(review), _) => {
            let (product, seller) = (review.product_rating, review.seller_rating);
            (review.id, format!("by the buyer: product {product} of 5, seller {seller} of 5"))
        }
        (None, Some(review)) => (review.id, format!("by the seller: buyer {} of 5", review.rating)),
        (None, None) => return Err(Failure::new("an event without its review")),
    };
    tell(&context, &event, &body.order_id, move |order, at| {
        order.reviewed(&review, &detail, at)
    })
    .await
}
