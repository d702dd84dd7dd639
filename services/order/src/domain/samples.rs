//! Nouns to test with.

use std::time::Duration;

use kernel::{Money, OrderId, Time, TypeId};

use super::{Address, Checkout, Draft, DraftLine, Line, Offer, Order, Progress, Quotation, QuotationState, Windows};

pub(crate) fn id<I: TypeId>(number: u128) -> I {
    I::from_uuid(kernel::uuid::Uuid::from_u128(number))
}

pub(crate) fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, "USD".parse().unwrap())
}

pub(crate) fn offer(seller: u128, net: i64) -> Offer {
    Offer {
        field: "lines[0]".to_owned(),
        seller: id(seller),
        variant: id(1),
        product: id(1),
        store: id(1),
        title: "Resistor".to_owned(),
        sku: "R-1".to_owned(),
        quantity: 1,
        price: usd(net),
        unit_quantity: 1,
        net: usd(net),
        tax_basis_points: 1_900,
        weight_mg: 10,
        quoted: None,
    }
}

pub(crate) fn draft(order: OrderId) -> Draft {
    let line = Line {
        variant: id(1),
        product: id(1),
        store: id(1),
        title: "Resistor".to_owned(),
        sku: "R-1".to_owned(),
        quantity: 2,
        price: usd(50),
        unit_quantity: 1,
        net: usd(100),
        tax: usd(19),
        gross: usd(119),
        fee: usd(2),
    };
    Draft {
        order,
        seller: id(2),
        lines: vec![DraftLine {
            line,
            weight_mg: 10,
            field: "lines[0]".to_owned(),
        }],
        quoted: None,
    }
}

pub(crate) fn address() -> Address {
    Address {
        recipient: "A. Buyer".to_owned(),
        lines: vec!["1 Quay".to_owned()],
        city: "Hamburg".to_owned(),
        region: String::new(),
        postal_code: String::new(),
        country: "DE".to_owned(),
        phone: String::new(),
    }
}

pub(crate) fn windows() -> Windows {
    Windows {
        payment: Duration::from_secs(10),
        inspection: Duration::from_secs(20),
        shipped: Duration::from_secs(30),
    }
}

pub(crate) fn order() -> Order {
    Order::place(checkout().sale(&draft(id(1)), usd(5), &address(), windows()).unwrap())
}

pub(crate) fn checkout() -> Checkout {
    Checkout {
        id: id(1),
        buyer: id(1),
        payment: id(1),
        currency: usd(0).currency(),
        quotations: Vec::new(),
        payment_deadline: Time::from_micros(10),
        created: Time::from_micros(0),
        progress: Progress::Pending {
            drafts: vec![draft(id(1))],
            ship_to: Box::new(address()),
            windows: windows(),
            cart: Vec::new(),
            intent: None,
        },
    }
}

pub(crate) fn quotation(expires: Time) -> Quotation {
    Quotation {
        id: id(1),
        seller: id(2),
        buyer: id(1),
        lines: Vec::new(),
        freight: usd(5),
        total: usd(5),
        expires,
        note: String::new(),
        created: Time::from_micros(0),
        state: QuotationState::Open,
    }
}
