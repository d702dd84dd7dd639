//! A checkout came to nothing; its buyer may not have waited for the answer.

use ::store::Store;
use events::{Event, Failure};
use proto::order::v1::CheckoutFailed;

use super::{tell, words};
use crate::domain::news::News;

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: CheckoutFailed = event.decode()?;
    let news = News::CheckoutFailed {
        checkout: body.checkout_id.parse()?,
        buyer: body.buyer_id.parse()?,
        reason: words(&body.reason),
    };
    tell(store, &event, news).await
}
