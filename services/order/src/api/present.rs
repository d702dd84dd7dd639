//! Nouns as the protos write them.

use std::fmt::Display;

use kernel::Money;
use proto::{order::v1, postal::v1::Address as AddressMessage};
use runtime::{money, timestamp};
use store::Stored;

use crate::domain::{Address, Checkout, Line, Order, Progress, Quotation, QuotationState, Standing, State};

/// The entity tag of an answer that is made of more than its row: the row's version, on which alone a change may be based, and what tells
/// one such answer from another.
pub(super) fn etag<A>(row: &Stored<A>, others: impl Display) -> String {
    format!("{}.{others}", row.version())
}

pub(super) fn order(order: &Stored<Order>) -> v1::Order {
    let parties = order.parties;
    let reason = order.cancel.as_ref().map(|reason| match reason.note.as_str() {
        "" => reason.code.name().to_owned(),
        note => format!("{}: {note}", reason.code.name()),
    });
    v1::Order {
        id: order.id.to_string(),
        checkout_id: parties.checkout.to_string(),
        payment_id: parties.payment.to_string(),
        buyer_id: parties.buyer.to_string(),
        seller_id: parties.seller.to_string(),
        state: state(order.state()).into(),
        lines: order.lines.iter().map(line).collect(),
        freight: Some(money(order.freight)),
        total: Some(money(order.total)),
        fee: Some(money(order.fee)),
        ship_to: Some(address(&order.ship_to)),
        quotation_id: order.quotation.map(|id| id.to_string()).unwrap_or_default(),
        payment_deadline: Some(timestamp(order.payment_deadline)),
        inspection_deadline: order.state().inspection_deadline().map(timestamp),
        cancel_reason: reason.unwrap_or_default(),
        etag: order.etag(),
        create_time: Some(timestamp(order.created)),
        update_time: Some(timestamp(order.updated)),
    }
}

const fn state(state: State) -> v1::OrderState {
    match state {
        State::Placed => v1::OrderState::Placed,
        State::Paid => v1::OrderState::Paid,
        State::Cancelling => v1::OrderState::Cancelling,
        State::Shipped { .. } => v1::OrderState::Shipped,
        State::Delivered { .. } => v1::OrderState::Delivered,
        State::Accepted => v1::OrderState::Accepted,
        State::Completed => v1::OrderState::Completed,
        State::Refunding => v1::OrderState::Refunding,
        State::Cancelled { .. } => v1::OrderState::Cancelled,
    }
}

fn line(line: &Line) -> v1::OrderLine {
    v1::OrderLine {
        variant_id: line.variant.to_string(),
        product_id: line.product.to_string(),
        store_id: line.store.to_string(),
        title: line.title.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        price: Some(money(line.price)),
        unit_quantity: line.unit_quantity,
        net: Some(money(line.net)),
        tax: Some(money(line.tax)),
        gross: Some(money(line.gross)),
        fee: Some(money(line.fee)),
    }
}

fn address(address: &Address) -> AddressMessage {
    AddressMessage {
        recipient: address.recipient.clone(),
        lines: address.lines.clone(),
        city: address.city.clone(),
        region: address.region.clone(),
        postal_code: address.postal_code.clone(),
        country: address.country.clone(),
        phone: address.phone.clone(),
    }
}

/// A checkout with its orders, in the order in which they were placed.
pub(super) fn checkout(checkout: &Stored<Checkout>, orders: &[Stored<Order>]) -> v1::Checkout {
    let (failure_reason, placed) = match &checkout.progress {
        Progress::Pending { .. } => (String::new(), false),
        Progress::Open { .. } => (String::new(), true),
        Progress::Failed(failure) => (failure.code.name().to_owned(), false),
    };
    let total = Money::sum(checkout.currency, orders.iter().map(|order| order.total));
    v1::Checkout {
        id: checkout.id.to_string(),
        buyer_id: checkout.buyer.to_string(),
        state: standing(checkout.standing(orders.iter().map(|order| &**order))).into(),
        payment_id: if placed { checkout.payment.to_string() } else { String::new() },
        orders: orders.iter().map(order).collect(),
        total: total.ok().filter(|_| placed).map(money),
        expire_time: Some(timestamp(checkout.payment_deadline)),
        failure_reason,
        etag: etag(checkout, orders.iter().map(Stored::version).sum::<i64>()),
        create_time: Some(timestamp(checkout.created)),
    }
}

const fn standing(standing: Standing) -> v1::CheckoutState {
    match standing {
        Standing::Pending => v1::CheckoutState::Pending,
        Standing::Open => v1::CheckoutState::Open,
        Standing::Failed => v1::CheckoutState::Failed,
        Standing::Paid => v1::CheckoutState::Paid,
        Standing::Closed => v1::CheckoutState::Closed,
    }
}

pub(super) fn quotation(quotation: &Stored<Quotation>) -> v1::Quotation {
    let lines = quotation.lines.iter().map(|line| v1::QuotationLine {
        variant_id: line.variant.to_string(),
        quantity: line.quantity,
        price: Some(money(line.price)),
        unit_quantity: line.unit_quantity,
    });
    let (state, checkout) = match quotation.state {
        QuotationState::Open => (v1::QuotationState::Open, None),
        QuotationState::Used { checkout } => (v1::QuotationState::Used, Some(checkout)),
        QuotationState::Declined => (v1::QuotationState::Declined, None),
        QuotationState::Withdrawn => (v1::QuotationState::Withdrawn, None),
        QuotationState::Expired => (v1::QuotationState::Expired, None),
    };
    v1::Quotation {
        id: quotation.id.to_string(),
        seller_id: quotation.seller.to_string(),
        buyer_id: quotation.buyer.to_string(),
        lines: lines.collect(),
        freight: Some(money(quotation.freight)),
        total: Some(money(quotation.total)),
        expire_time: Some(timestamp(quotation.expires)),
        state: state.into(),
        checkout_id: checkout.map(|id| id.to_string()).unwrap_or_default(),
        note: quotation.note.clone(),
        etag: quotation.etag(),
        create_time: Some(timestamp(quotation.created)),
    }
}
