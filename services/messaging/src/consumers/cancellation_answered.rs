//! Logistics answered whether an order can still be held back. That it can
//! follows from the order's cancellation; that it cannot is news by itself.

use ::store::Store;
use events::{Event, Failure};
use proto::logistics::v1::CancellationAnswered;

use super::tell;
use crate::domain::news::News;

/// The goods had left already.
pub(super) async fn refused(store: Store, event: Event) -> Result<(), Failure> {
    let body: CancellationAnswered = event.decode()?;
    let news = News::CancellationRefused {
        order: body.order_id.parse()?,
        buyer: body.buyer_id.parse()?,
    };
    tell(store, &event, news).await
}
