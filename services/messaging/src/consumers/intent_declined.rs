//! A try to pay failed.

use ::store::Store;
use events::{Event, Failure};
use proto::payment::v1::IntentDeclined;

use super::{tell, words};
use crate::domain::news::News;

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: IntentDeclined = event.decode()?;
    let news = News::PaymentDeclined {
        payment: body.payment_id.parse()?,
        payer: body.payer_id.parse()?,
        reason: words(&body.reason),
    };
    tell(store, &event, news).await
}
