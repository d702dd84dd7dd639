//! Order reserves every line of a checkout, or nothing.
//!
//! One transaction, and nothing is looked up before it: the ids of the stock follow from seller and variant,
//! the sellers' warehouses are in memory. The checkout's hold remembers the answer; that, and not the cause,
//! makes it idempotent, because a Release in between has to be noticed.

mod demand;

use std::{collections::HashMap, sync::Arc};

use kernel::{Money, OrderId, OrganisationId, StockId};
use proto::logistics::v1::{ReserveRequest, ReserveResponse, ReservedOrder};
use runtime::money;
use store::{Cause, Keys, Timer, Work};
use tonic::Status;

use self::demand::{CheckoutDemand, OrderDemand};
use super::{Api, present};
use crate::{
    domain::{Hold, HoldState, Line, Refusal, Reservation, Shortage, Sourced, Stock, stock_id},
    networks::Network,
    store::{movement::Journal, shelf},
    told,
};

/// Where the goods of each seller may be.
type BySeller = HashMap<OrganisationId, Arc<Network>>;

pub(super) async fn handle(api: &Api, request: ReserveRequest) -> Result<ReserveResponse, Status> {
    let wanted = &Arc::new(CheckoutDemand::parse(&request)?);
    let cause = Cause::told_by_rows();
    let reserved = api
        .store
        .execute_prepared(cause, Refusal::is_about_preparation, |again| async move {
            let mut networks = BySeller::with_capacity(wanted.orders.len());
            for demanded in &wanted.orders {
                let seller = demanded.order.seller;
                if again {
                    // Somebody set a warehouse up within the last seconds.
                    api.networks.forget(seller);
                }
                networks.insert(seller, api.networks.of(seller).await?);
            }
            let stocks = stocks_of(wanted);
            // The first key chooses the lane: checkouts that want the same goods wait for each other in memory, not for locks.
            let keys = Keys::new()
                .all::<Stock>(stocks.iter().copied())
                .all_fresh::<Reservation>(wanted.orders.iter().map(|demanded| demanded.order.id))
                .fresh::<Hold>(wanted.checkout);
            let (wanted, journal) = (Arc::clone(wanted), Journal::at(api.now()));
            Ok((keys, move |work: &mut Work| reserve(work, &wanted, &networks, &stocks, journal)))
        });
    reserved.await
}

fn stocks_of(wanted: &CheckoutDemand) -> Vec<StockId> {
    let of_order = |demanded: &OrderDemand| {
        let seller = demanded.order.seller;
        let stocks = demanded.demands.iter().map(move |demand| stock_id(seller, demand.variant));
        stocks.collect::<Vec<_>>()
    };
    let mut stocks: Vec<StockId> = wanted.orders.iter().flat_map(of_order).collect();
    stocks.sort_unstable();
    stocks.dedup();
    stocks
}

fn reserve(
    work: &mut Work,
    wanted: &CheckoutDemand,
    networks: &BySeller,
    stocks: &[StockId],
    journal: Journal,
) -> Result<ReserveResponse, Refusal> {
    if let Some(hold) = work.get::<Hold>(wanted.checkout) {
        return answer_again(work, hold, wanted);
    }
    let orders: Vec<OrderId> = wanted.orders.iter().map(|demanded| demanded.order.id).collect();
    if orders.iter().any(|order| work.get::<Reservation>(*order).is_some()) {
        // Facts about the order came first, so the checkout is over.
        return Err(Refusal::CheckoutReleased);
    }
    let before = shelf::take(work, stocks);
    let mut shelf = before.clone();
    let (mut reservations, mut shortages) = (Vec::new(), Vec::new());
    for demanded in &wanted.orders {
        let sites = &networks[&demanded.order.seller].sites;
        if shelf.knows_more_than(demanded.order.seller, sites) {
            return Err(Refusal::UnknownWarehouse);
        }
        match shelf.plan(demanded.order.seller, &demanded.demands, sites, demanded.terms)? {
            Sourced::From(plan) => {
                let lines = demanded.demands.iter().map(|demand| Line {
                    variant: demand.variant,
                    quantity: demand.quantity,
                });
                let (order, lines) = (demanded.order, lines.collect());
                reservations.push(Reservation::reserve(order, lines, wanted.to, plan, &mut shelf, journal.now())?);
            }
            Sourced::Short(short) => shortages.extend(short),
        }
    }
    if !shortages.is_empty() {
        return Ok(refuse(work, wanted, shortages));
    }
    let answer = held(&reservations, wanted);
    shelf::put(work, &shelf, journal);
    keep(work, wanted, reservations);
    Ok(answer)
}

fn keep(work: &mut Work, wanted: &CheckoutDemand, reservations: Vec<Reservation>) {
    let orders = reservations.iter().map(|reservation| reservation.order.id).collect();
    for reservation in reservations {
        work.schedule(Timer::new(told::EXPIRY, reservation.order.id, wanted.expires));
        work.insert(reservation);
    }
    work.insert(Hold {
        checkout: wanted.checkout,
        state: HoldState::Held { orders },
    });
}

/// The answer stands: whoever asks again for the same checkout hears the same.
fn refuse(work: &mut Work, wanted: &CheckoutDemand, shortages: Vec<Shortage>) -> ReserveResponse {
    let answer = short(&shortages);
    work.insert(Hold {
        checkout: wanted.checkout,
        state: HoldState::Refused { shortages },
    });
    answer
}

fn answer_again(work: &Work, hold: &Hold, wanted: &CheckoutDemand) -> Result<ReserveResponse, Refusal> {
    match &hold.state {
        HoldState::Released { .. } => Err(Refusal::CheckoutReleased),
        HoldState::Refused { shortages } => Ok(short(shortages)),
        HoldState::Held { orders } => {
            if !orders.iter().eq(wanted.orders.iter().map(|demanded| &demanded.order.id)) {
                return Err(Refusal::OtherOrders);
            }
            let reservations = orders.iter().filter_map(|order| work.get::<Reservation>(*order));
            Ok(held(reservations.map(|reservation| &**reservation), wanted))
        }
    }
}

fn short(shortages: &[Shortage]) -> ReserveResponse {
    ReserveResponse {
        orders: Vec::new(),
        shortages: shortages.iter().map(present::shortage).collect(),
    }
}

fn held<'a>(reservations: impl IntoIterator<Item = &'a Reservation>, wanted: &CheckoutDemand) -> ReserveResponse {
    let orders = reservations.into_iter().map(|reservation| ReservedOrder {
        order_id: reservation.order.id.to_string(),
        freight: Some(money(reservation.freight.unwrap_or(Money::zero(wanted.currency)))),
    });
    ReserveResponse {
        orders: orders.collect(),
        shortages: Vec::new(),
    }
}
