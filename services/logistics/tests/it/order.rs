//! Order, as far as logistics hears of it.

use harness::{Nats, Outbox};
use kernel::CheckoutId;
use proto::order::v1::{CheckoutFailed, OrderChanged, OrderedLine};

use crate::world::Wanted;

/// Tells facts about orders.
pub(crate) struct Orders(Outbox);

impl Orders {
    pub(crate) async fn start(nats: &Nats) -> Self {
        Self(Outbox::of("order", nats).await)
    }

    /// Tells something about an order, such as `order.v1.paid`.
    pub(crate) async fn tell(&self, subject: &'static str, checkout: CheckoutId, wanted: &Wanted) {
        let lines = wanted.lines.iter().map(|(variant, quantity)| OrderedLine {
            variant_id: variant.to_string(),
            product_id: String::new(),
            quantity: *quantity,
        });
        let body = OrderChanged {
            order_id: wanted.order.to_string(),
            checkout_id: checkout.to_string(),
            buyer_id: wanted.buyer.to_string(),
            seller_id: wanted.seller.to_string(),
            lines: lines.collect(),
            ..OrderChanged::default()
        };
        self.0.tell(subject, wanted.order, &body).await;
    }

    pub(crate) async fn checkout_failed(&self, checkout: CheckoutId) {
        let body = CheckoutFailed {
            checkout_id: checkout.to_string(),
            ..CheckoutFailed::default()
        };
        self.0.tell("order.v1.checkout_failed", checkout, &body).await;
    }
}
