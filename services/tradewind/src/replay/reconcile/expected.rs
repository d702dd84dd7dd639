//! What the system must say, by the files and the platform's fee. Pure.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::{
    fee::FeeRate,
    figures::{Figure, Figures},
    reads::StockCount,
};
use crate::replay::files::{FileOrder, Files, Status};

/// What becomes of an order, and the fee on it.
pub(super) fn order(order: &FileOrder, fee: FeeRate) -> Result<Figures> {
    let mut figures = Figures::new();
    let paid = if order.status == Status::Unpaid { 0 } else { order.paid() };
    let (held, released, refunded) = match order.status {
        Status::Unpaid => (0, 0, 0),
        Status::Paid | Status::InTransit => (paid, 0, 0),
        Status::Completed => (0, paid, 0),
        Status::Cancelled => (0, 0, paid),
    };
    let mut fees = 0;
    if order.status == Status::Completed {
        for item in &order.items {
            fees += fee.on(item.goods)?;
        }
    }
    let state = state(order.status).to_owned();
    for (figure, value) in [
        (Figure::Orders(state), i64::try_from(order.by_seller().len())?),
        (Figure::Goods, order.goods()),
        (Figure::Freight, order.freight()),
        (Figure::Payments, paid),
        (Figure::EscrowHeld, held),
        (Figure::EscrowReleased, released),
        (Figure::EscrowRefunded, refunded),
        (Figure::Fees, fees),
    ] {
        figures.insert(figure, value);
    }
    for item in &order.items {
        let line = Figure::Line {
            pieces: item.quantity,
            product: item.product.clone(),
            seller: item.seller.clone(),
        };
        figures.insert(line, item.goods);
    }
    let paying = order
        .payments
        .iter()
        .filter(|payment| payment.value > 0 && order.status != Status::Unpaid);
    for payment in paying {
        *figures.entry(Figure::PaymentsOf(payment.value)).or_default() += 1;
    }
    Ok(figures)
}

const fn state(status: Status) -> &'static str {
    match status {
        Status::Unpaid => "PLACED",
        Status::Paid => "PAID",
        Status::InTransit => "SHIPPED",
        Status::Completed => "COMPLETED",
        Status::Cancelled => "CANCELLED",
    }
}

/// What there is of each product at each seller: on hand is what never left, reserved is what is paid or may yet be paid, and has not left.
/// What lapsed, by order and seller, is not reserved any more.
pub(super) fn stock<'f>(files: &'f Files, lapsed: &BTreeSet<(&str, &str)>) -> BTreeMap<(&'f str, &'f str), StockCount> {
    let mut stock: BTreeMap<(&str, &str), StockCount> = BTreeMap::new();
    for order in &files.orders {
        for item in &order.items {
            let count = stock.entry((&item.seller, &item.product)).or_default();
            let waits = match order.status {
                Status::Unpaid => !lapsed.contains(&(order.id.as_str(), item.seller.as_str())),
                Status::Paid => true,
                Status::InTransit | Status::Completed => continue,
                Status::Cancelled => false,
            };
            count.on_hand += item.quantity;
            count.reserved += if waits { item.quantity } else { 0 };
        }
    }
    stock
}
