//! A buyer reviewed what they bought, or a seller who bought it.

use ::store::Store;
use events::{Event, Failure};
use proto::catalog::v1::ReviewChanged;

use super::tell;
use crate::domain::news::News;

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: ReviewChanged = event.decode()?;
    let news = match (body.review, body.buyer_review) {
        (Some(review), _) => News::Reviewed {
            review: review.id.parse()?,
            seller: review.seller_id.parse()?,
        },
        (None, Some(review)) => News::BuyerReviewed {
            review: review.id.parse()?,
            buyer: review.buyer_id.parse()?,
        },
        (None, None) => return Err(Failure::new("an event without its review")),
    };
    tell(store, &event, news).await
}
