//! The bank answered about a payout.

use ::store::Store;
use events::{Event, Failure};
use proto::payment::v1::PayoutChanged;
use runtime::read_money;

use super::{tell, words};
use crate::domain::news::News;

/// It has the money.
pub(super) async fn paid(store: Store, event: Event) -> Result<(), Failure> {
    let body: PayoutChanged = event.decode()?;
    let news = News::PaidOut {
        payout: body.payout_id.parse()?,
        owner: body.owner_id.parse()?,
        amount: read_money(body.amount.as_ref())?,
    };
    tell(store, &event, news).await
}

/// It refused.
pub(super) async fn failed(store: Store, event: Event) -> Result<(), Failure> {
    let body: PayoutChanged = event.decode()?;
    let news = News::PayoutFailed {
        payout: body.payout_id.parse()?,
        owner: body.owner_id.parse()?,
        amount: read_money(body.amount.as_ref())?,
        reason: words(&body.failure_reason),
    };
    tell(store, &event, news).await
}

/// It sent the money back.
pub(super) async fn returned(store: Store, event: Event) -> Result<(), Failure> {
    let body: PayoutChanged = event.decode()?;
    let news = News::PayoutReturned {
        payout: body.payout_id.parse()?,
        owner: body.owner_id.parse()?,
        amount: read_money(body.amount.as_ref())?,
        reason: words(&body.failure_reason),
    };
    tell(store, &event, news).await
}
