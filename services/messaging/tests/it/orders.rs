//! Orders, as their service tells of them.

use harness::usd;
use kernel::{Clock, OrderId, OrganisationId};
use proto::order::v1::OrderChanged;
use runtime::SystemClock;

/// An order of USD 12.50 between these two.
pub(crate) fn order(id: OrderId, buyer: OrganisationId, seller: OrganisationId) -> OrderChanged {
    OrderChanged {
        order_id: id.to_string(),
        buyer_id: buyer.to_string(),
        seller_id: seller.to_string(),
        total: usd(1_250),
        cancel_reason: "out_of_stock".to_owned(),
        ..OrderChanged::default()
    }
}

pub(crate) fn order_id() -> OrderId {
    OrderId::at(SystemClock.now())
}
