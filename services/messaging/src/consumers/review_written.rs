//! A buyer reviewed what they bought.

use ::store::Store;
use events::{Event, Failure};
use proto::catalog::v1::ReviewChanged;

use super::tell;
use crate::domain::news::News;

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: ReviewChanged = event.decode()?;
    let review = body.review.ok_or_else(|| Failure::new("an event without its review"))?;
    let news = News::Reviewed {
        review: review.id.parse()?,
        seller: review.seller_id.parse()?,
    };
    tell(store, &event, news).await
}
