//! Order reserves every line of a checkout, or nothing.
//!
//! One transaction, and nothing is looked up before it: the ids of the stock follow from seller and variant, the sellers' warehouses are in memory.
//! The checkout's hold remembers the answer; that, and not the cause, makes it idempotent, because a Release in between has to be noticed.

use std::{collections::HashMap, sync::Arc};

use kernel::{Money, OrderId, OrganisationId, StockId};
use proto::logistics::v1::{ReserveRequest, ReserveResponse, ReservedOrder};
use runtime::money;
use store::{Cause, Keys, Timer, Work};
use tonic::Status;
use wish::{Wish, WishedOrder};

use super::{Api, present};
use crate::{
    domain::{Hold, HoldState, Line, Refusal, Reservation, Shortage, Sourced, Stock, stock_id},
    networks::Network,
    store::{movement::Journal, shelf},
    told,
};

mod wish;

type Networks = HashMap<OrganisationId, Arc<Network>>;

pub(super) async fn handle(api: &Api, request: ReserveRequest) -> Result<ReserveResponse, Status> {
    let wish = &Arc::new(Wish::parse(&request)?);
    let cause = Cause::told_by_rows();
    let reserved = api
        .store
        .execute_prepared(cause, Refusal::is_about_preparation, |again| async move {
            let mut networks = Networks::with_capacity(wish.orders.len());
            for wished in &wish.orders {
                let seller = wished.order.seller;
                if again {
                    // Somebody set a warehouse up within the last seconds.
                    api.networks.forget(seller);
                }
                networks.insert(seller, api.networks.of(seller).await?);
            }
            let stocks = stocks_of(wish);
            // The first key chooses the lane: checkouts that want the same goods wait for each other in memory, not for locks.
            let keys = Keys::new()
                .all::<Stock>(stocks.iter().copied())
                .all_fresh::<Reservation>(wish.orders.iter().map(|wished| wished.order.id))
                .fresh::<Hold>(wish.checkout);
            let (wish, journal) = (Arc::clone(wish), Journal::at(api.now()));
            Ok((keys, move |work: &mut Work| reserve(work, &wish, &networks, &stocks, journal)))
        });
    reserved.await
}

fn stocks_of(wish: &Wish) -> Vec<StockId> {
    let of_order = |wished: &WishedOrder| {
        let seller = wished.order.seller;
        let stocks = wished.demands.iter().map(move |demand| stock_id(seller, demand.variant));
        stocks.collect::<Vec<_>>()
    };
    let mut stocks: Vec<StockId> = wish.orders.iter().flat_map(of_order).collect();
    stocks.sort_unstable();
    stocks.dedup();
    stocks
}

fn reserve(work: &mut Work, wish: &Wish, networks: &Networks, stocks: &[StockId], journal: Journal) -> Result<ReserveResponse, Refusal> {
    if let Some(hold) = work.get::<Hold>(wish.checkout) {
        return answer_again(work, hold, wish);
    }
    let orders: Vec<OrderId> = wish.orders.iter().map(|wished| wished.order.id).collect();
    if orders.iter().any(|order| work.get::<Reservation>(*order).is_some()) {
        // Facts about the order came first, so the checkout is over.
        return Err(Refusal::CheckoutReleased);
    }
    let before = shelf::take(work, stocks);
    let mut shelf = before.clone();
    let (mut reservations, mut shortages) = (Vec::new(), Vec::new());
    for wished in &wish.orders {
        let sites = &networks[&wished.order.seller].sites;
        if shelf.knows_more_than(wished.order.seller, sites) {
            return Err(Refusal::UnknownWarehouse);
        }
        match shelf.plan(wished.order.seller, &wished.demands, sites, wished.terms)? {
            Sourced::From(plan) => {
                let lines = wished.demands.iter().map(|demand| Line {
                    variant: demand.variant,
                    quantity: demand.quantity,
                });
                let about = (wished.order, lines.collect());
                reservations.push(Reservation::reserve(about, wish.to, plan, &mut shelf, journal.now())?);
            }
            Sourced::Short(short) => shortages.extend(short),
        }
    }
    if !shortages.is_empty() {
        return Ok(refuse(work, wish, shortages));
    }
    let answer = ReserveResponse {
        orders: reservations.iter().map(|reservation| reserved(reservation, wish)).collect(),
        shortages: Vec::new(),
    };
    shelf::put(work, &shelf, journal);
    keep(work, wish, reservations);
    Ok(answer)
}

fn keep(work: &mut Work, wish: &Wish, reservations: Vec<Reservation>) {
    let orders = reservations.iter().map(|reservation| reservation.order.id).collect();
    for reservation in reservations {
        work.schedule(Timer::new(told::EXPIRY, reservation.order.id, wish.expires));
        work.insert(reservation);
    }
    work.insert(Hold {
        checkout: wish.checkout,
        state: HoldState::Held { orders },
    });
}

/// The answer stands: whoever asks again for the same checkout hears the same.
fn refuse(work: &mut Work, wish: &Wish, shortages: Vec<Shortage>) -> ReserveResponse {
    let answer = ReserveResponse {
        orders: Vec::new(),
        shortages: shortages.iter().map(present::shortage).collect(),
    };
    work.insert(Hold {
        checkout: wish.checkout,
        state: HoldState::Refused { shortages },
    });
    answer
}

fn answer_again(work: &Work, hold: &Hold, wish: &Wish) -> Result<ReserveResponse, Refusal> {
    match &hold.state {
        HoldState::Released { .. } => Err(Refusal::CheckoutReleased),
        HoldState::Refused { shortages } => Ok(ReserveResponse {
            orders: Vec::new(),
            shortages: shortages.iter().map(present::shortage).collect(),
        }),
        HoldState::Held { orders } => {
            if !orders.iter().eq(wish.orders.iter().map(|wished| &wished.order.id)) {
                return Err(Refusal::OtherOrders);
            }
            let reservations = orders.iter().filter_map(|order| work.get::<Reservation>(*order));
            Ok(ReserveResponse {
                orders: reservations.map(|reservation| reserved(reservation, wish)).collect(),
                shortages: Vec::new(),
            })
        }
    }
}

fn reserved(reservation: &Reservation, wish: &Wish) -> ReservedOrder {
    ReservedOrder {
        order_id: reservation.order.id.to_string(),
        freight: Some(money(reservation.freight.unwrap_or(Money::zero(wish.currency)))),
    }
}
