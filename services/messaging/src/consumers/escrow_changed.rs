//! Money left an order's escrow.

use ::store::Store;
use events::{Event, Failure};
use kernel::Money;
use proto::payment::v1::EscrowChanged;
use runtime::read_money;

use super::tell;
use crate::domain::news::News;

/// It went to the seller.
pub(super) async fn released(store: Store, event: Event) -> Result<(), Failure> {
    let body: EscrowChanged = event.decode()?;
    let amount = read_money(body.amount.as_ref())?;
    let fee = body.fee.as_ref().map(|fee| read_money(Some(fee))).transpose()?;
    let news = News::Released {
        order: body.order_id.parse()?,
        seller: body.seller_id.parse()?,
        amount,
        fee: fee.unwrap_or(Money::zero(amount.currency())),
    };
    tell(store, &event, news).await
}

/// It went back to the buyer.
pub(super) async fn refunded(store: Store, event: Event) -> Result<(), Failure> {
    let body: EscrowChanged = event.decode()?;
    let news = News::Refunded {
        order: body.order_id.parse()?,
        buyer: body.buyer_id.parse()?,
        amount: read_money(body.amount.as_ref())?,
    };
    tell(store, &event, news).await
}
