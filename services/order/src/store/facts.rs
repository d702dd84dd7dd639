//! Events of the domain as facts on the bus. They carry ids and amounts, never names, addresses or anybody's words.

use kernel::{CheckoutId, OrganisationId};
use proto::order::v1::{CheckoutFailed, OrderChanged, OrderedLine, QuotationChanged};
use runtime::{money, timestamp};
use store::Fact;

use crate::domain::{Event, FailureCode, Order, Quotation, QuotationEvent};

/// An order's event, with the order as it stands after it.
pub(crate) fn order(order: &Order, event: Event) -> Fact {
    let parties = order.parties;
    let lines = order.lines.iter().map(|line| OrderedLine {
        variant_id: line.variant.to_string(),
        product_id: line.product.to_string(),
        quantity: line.quantity,
    });
    let body = OrderChanged {
        order_id: order.id.to_string(),
        checkout_id: parties.checkout.to_string(),
        payment_id: parties.payment.to_string(),
        buyer_id: parties.buyer.to_string(),
        seller_id: parties.seller.to_string(),
        total: Some(money(order.total)),
        fee: Some(money(order.fee)),
        lines: lines.collect(),
        inspection_deadline: order.state().inspection_deadline().map(timestamp),
        cancel_reason: order
            .cancel
            .as_ref()
            .map(|reason| reason.code.name().to_owned())
            .unwrap_or_default(),
    };
    Fact::new(order_subject(event), order.id, [parties.buyer, parties.seller], &body)
}

const fn order_subject(event: Event) -> &'static str {
    match event {
        Event::Placed => "order.v1.placed",
        Event::Paid => "order.v1.paid",
        Event::CancellationRequested => "order.v1.cancellation_requested",
        Event::Shipped => "order.v1.shipped",
        Event::Delivered => "order.v1.delivered",
        Event::Accepted => "order.v1.accepted",
        Event::RefundRequested => "order.v1.refund_requested",
        Event::Completed => "order.v1.completed",
        Event::Cancelled => "order.v1.cancelled",
    }
}

/// A quotation's event.
pub(crate) fn quotation(quotation: &Quotation, event: QuotationEvent) -> Fact {
    let body = QuotationChanged {
        quotation_id: quotation.id.to_string(),
        seller_id: quotation.seller.to_string(),
        buyer_id: quotation.buyer.to_string(),
        total: Some(money(quotation.total)),
    };
    let subject = match event {
        QuotationEvent::Created => "order.v1.quotation_created",
        QuotationEvent::Used => "order.v1.quotation_used",
        QuotationEvent::Declined => "order.v1.quotation_declined",
        QuotationEvent::Withdrawn => "order.v1.quotation_withdrawn",
        QuotationEvent::Expired => "order.v1.quotation_expired",
    };
    Fact::new(subject, quotation.id, [quotation.buyer, quotation.seller], &body)
}

/// A checkout came to nothing.
pub(crate) fn checkout_failed(checkout: CheckoutId, buyer: OrganisationId, code: FailureCode) -> Fact {
    let body = CheckoutFailed {
        checkout_id: checkout.to_string(),
        buyer_id: buyer.to_string(),
        reason: code.name().to_owned(),
    };
    Fact::new("order.v1.checkout_failed", checkout, [buyer], &body)
}
