//! What a checkout demands, checked.

use std::collections::HashSet;

use kernel::{CheckoutId, Currency, OrderId, OrganisationId, Time, VariantId};
use proto::logistics::v1::{OrderToReserve, ReserveRequest};
use runtime::{Problem, Violations};

use crate::domain::{Country, Demand, Order, Terms};

/// How many orders a checkout may have.
const MOST_ORDERS: usize = 100;

/// How many lines an order may have.
const MOST_LINES: usize = 500;

/// All that is to be reserved for a checkout.
pub(super) struct CheckoutDemand {
    pub(super) checkout: CheckoutId,
    /// At least one.
    pub(super) orders: Vec<OrderDemand>,
    pub(super) to: Country,
    pub(super) currency: Currency,
    pub(super) expires: Time,
}

/// An order's part of it.
pub(super) struct OrderDemand {
    pub(super) order: Order,
    /// At least one.
    pub(super) demands: Vec<Demand>,
    pub(super) terms: Terms,
}

impl CheckoutDemand {
    pub(super) fn parse(request: &ReserveRequest) -> Result<Self, Problem> {
        let mut check = Violations::new();
        let checkout = check.id::<CheckoutId>("checkout_id", &request.checkout_id);
        let to = check.parse::<Country>("ship_to_country", &request.ship_to_country);
        let currency = check.currency("currency", &request.currency);
        let expires = check.time("expire_time", request.expire_time.as_ref());
        check.require(
            (1..=MOST_ORDERS).contains(&request.orders.len()),
            "orders",
            &format!("must have one to {MOST_ORDERS} orders"),
        );
        let mut orders = Vec::with_capacity(request.orders.len());
        let mut seen = HashSet::new();
        for (place, order) in request.orders.iter().take(MOST_ORDERS).enumerate() {
            let field = format!("orders[{place}]");
            let distinct = seen.insert(&order.order_id);
            check.require(distinct, &format!("{field}.order_id"), "must not come up twice");
            let parsed = checkout
                .zip(to)
                .zip(currency)
                .and_then(|((checkout, to), currency)| parse_order(&mut check, &field, order, checkout, to, currency));
            orders.extend(parsed);
        }
        let (checkout, to, currency, expires) = check.finish((checkout, to, currency, expires))?;
        Ok(Self {
            checkout,
            orders,
            to,
            currency,
            expires,
        })
    }
}

fn parse_order(
    check: &mut Violations,
    field: &str,
    order: &OrderToReserve,
    checkout: CheckoutId,
    to: Country,
    currency: Currency,
) -> Option<OrderDemand> {
    let id = check.id::<OrderId>(&format!("{field}.order_id"), &order.order_id);
    let seller = check.id::<OrganisationId>(&format!("{field}.seller_id"), &order.seller_id);
    let buyer = check.id::<OrganisationId>(&format!("{field}.buyer_id"), &order.buyer_id);
    let demands = parse_lines(check, field, order);
    Some(OrderDemand {
        order: Order {
            id: id?,
            checkout,
            seller: seller?,
            buyer: buyer?,
        },
        demands,
        terms: match order.freight_agreed {
            true => Terms::Agreed { to: Some(to) },
            false => Terms::Quote { to, currency },
        },
    })
}

/// Lines of the same variant become one demand.
fn parse_lines(check: &mut Violations, field: &str, order: &OrderToReserve) -> Vec<Demand> {
    let count = order.lines.len();
    check.require(
        (1..=MOST_LINES).contains(&count),
        &format!("{field}.lines"),
        &format!("must have one to {MOST_LINES} lines"),
    );
    let mut demands: Vec<Demand> = Vec::with_capacity(count.min(MOST_LINES));
    for (place, line) in order.lines.iter().take(MOST_LINES).enumerate() {
        let field = format!("{field}.lines[{place}]");
        let variant = check.id::<VariantId>(&format!("{field}.variant_id"), &line.variant_id);
        let quantity = check.quantity(&format!("{field}.quantity"), line.quantity);
        let weight = format!("{field}.weight_mg");
        // How heavy goods may be is the catalog's to say; what no rate can charge for is a shortage that names its line.
        let weighs = line.weight_mg >= 0;
        check.require(weighs, &weight, "must not be negative");
        let (Some(variant), Ok(quantity), true) = (variant, i64::try_from(quantity), weighs) else {
            continue;
        };
        match demands.iter_mut().find(|demand| demand.variant == variant) {
            Some(demand) if demand.weight_mg == line.weight_mg => demand.quantity = demand.quantity.saturating_add(quantity),
            Some(_) => check.add(weight, "must be the same for all lines of a variant"),
            None => demands.push(Demand {
                variant,
                quantity,
                weight_mg: line.weight_mg,
            }),
        }
    }
    demands
}
