//! An order entered a state: its parties are told, and who they are is kept, because they may talk about it.

use ::store::{Keys, Store, Work};
use events::{Event, Failure};
use proto::order::v1::OrderChanged;
use runtime::read_money;

use super::{keep, words};
use crate::domain::{
    news::{News, OrderStep},
    trade::Trade,
};

pub(super) async fn handle(store: Store, event: Event, step: fn(&OrderChanged) -> OrderStep) -> Result<(), Failure> {
    let body: OrderChanged = event.decode()?;
    let trade = Trade {
        order: body.order_id.parse()?,
        buyer: body.buyer_id.parse()?,
        seller: body.seller_id.parse()?,
    };
    let news = News::Order {
        trade,
        total: read_money(body.total.as_ref())?,
        step: step(&body),
    };
    let remember = move |work: &mut Work| {
        if work.get::<Trade>(trade.order).is_none() {
            work.insert(trade);
        }
    };
    let keys = match event.subject.as_str() {
        "order.v1.placed" => Keys::new().fresh::<Trade>(trade.order),
        _ => Keys::new().one::<Trade>(trade.order),
    };
    keep(store, &event, keys, &news, remember).await
}

/// It was cancelled, for a reason.
pub(super) fn cancelled(body: &OrderChanged) -> OrderStep {
    OrderStep::Cancelled {
        reason: words(&body.cancel_reason),
    }
}
