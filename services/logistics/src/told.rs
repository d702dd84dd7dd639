//! What other services and clocks tell about orders, and how it is taken in.
//!
//! A fact is tried with the reservation alone, which is enough for nearly every payment. When it needs stock, it is prepared again with that.

use kernel::{CheckoutId, StockId};
use store::{Cause, Error, Keys, Store, Work};

use crate::{
    domain::{Event, Hold, HoldState, Line, Order, Refusal, Reservation, Shelf, Site, State, Stock, Undone, stock_id},
    networks::Networks,
    store::{facts, movement::Journal, shelf},
};

/// The timer that gives a reservation back by itself.
pub(crate) const EXPIRY: &str = "reservation_expiry";

/// How often an update is prepared before somebody else may try.
const PREPARATIONS: usize = 5;

/// One of [`Reservation`]'s methods.
pub(crate) type Step = fn(&mut Reservation, &mut Shelf, &[Site]) -> Result<Vec<Event>, Undone>;

/// Tells an order's reservation something. The lines are what the order is for, in case that nobody reserved anything.
pub(crate) async fn tell(
    store: &Store,
    networks: &Networks,
    cause: Cause,
    (order, lines): (Order, Vec<Line>),
    step: Step,
) -> Result<(), Error<Refusal>> {
    let mut stocks = Vec::new();
    let mut sites = Vec::new();
    for _ in 0..PREPARATIONS {
        let journal = Journal::at(store.clock().now());
        let (named, known, wanted) = (stocks.clone(), sites.clone(), lines.clone());
        let keys = Keys::new().one::<Reservation>(order.id).all::<Stock>(stocks.iter().copied());
        let told = store
            .execute(cause.clone(), keys, move |work| {
                let shelf = shelf::take(work, &named);
                if shelf.knows_more_than(order.seller, &known) {
                    return Err(Refusal::UnknownWarehouse);
                }
                if work.get::<Reservation>(order.id).is_none() {
                    work.insert(Reservation::unknown(order, wanted.clone(), journal.now()));
                }
                apply(work, order, shelf, &known, step, journal)
            })
            .await;
        match told {
            Err(Error::Refused(refusal)) if refusal.is_about_preparation() => {
                stocks = stocks_of(store, &order, &lines).await?;
                networks.forget(order.seller);
                sites = networks.of(order.seller).await.map_err(Error::of_read)?.sites.clone();
            }
            told => return told,
        }
    }
    Err(Error::Refused(Refusal::Moved))
}

/// Gives back what a checkout holds, and remembers that it is to hold nothing any more. What is paid stays.
pub(crate) async fn release_checkout(store: &Store, cause: Cause, checkout: CheckoutId) -> Result<(), Error<Refusal>> {
    for _ in 0..PREPARATIONS {
        let hold = store.get::<Hold>(checkout).await.map_err(Error::of_read)?;
        let orders = hold.map(|hold| hold.orders().to_vec()).unwrap_or_default();
        let mut stocks = Vec::new();
        for reservation in store.get_all::<Reservation>(orders.iter().copied()).await.map_err(Error::of_read)? {
            stocks.extend(stocks_for(&reservation.order, &reservation.lines));
        }
        let journal = Journal::at(store.clock().now());
        let keys = Keys::new()
            .one::<Hold>(checkout)
            .all::<Reservation>(orders.iter().copied())
            .all::<Stock>(stocks.iter().copied());
        let released = store
            .execute(cause.clone(), keys, move |work| {
                let Some(hold) = work.change::<Hold>(checkout) else {
                    let state = HoldState::Released { orders: Vec::new() };
                    return Ok(work.insert(Hold { checkout, state }));
                };
                if hold.orders() != orders {
                    return Err(Refusal::Moved);
                }
                hold.release();
                let mut shelf = shelf::take(work, &stocks);
                for order in &orders {
                    if let Some(reservation) = work.change::<Reservation>(*order) {
                        let events = reservation.release(&mut shelf)?;
                        work.unschedule(EXPIRY, *order);
                        facts::emit(work, events);
                    }
                }
                shelf::put(work, &shelf, journal);
                Ok(())
            })
            .await;
        match released {
            Err(Error::Refused(refusal)) if refusal.is_about_preparation() => {}
            released => return released,
        }
    }
    Err(Error::Refused(Refusal::Moved))
}

/// A reservation's time is up.
pub(crate) async fn expire(store: &Store, networks: &Networks, order: kernel::OrderId) -> Result<(), Error<Refusal>> {
    let Some(reservation) = store.get::<Reservation>(order).await.map_err(Error::of_read)? else {
        return Ok(());
    };
    let about = (reservation.order, reservation.lines.clone());
    tell(store, networks, Cause::step(EXPIRY, order), about, |reservation, shelf, _| {
        reservation.release(shelf)
    })
    .await
}

fn apply(work: &mut Work, order: Order, mut shelf: Shelf, sites: &[Site], step: Step, journal: Journal) -> Result<(), Refusal> {
    let reservation = work.change::<Reservation>(order.id).expect("it was inserted if it was not there");
    let was_reserved = reservation.state == State::Reserved;
    let events = step(reservation, &mut shelf, sites)?;
    if was_reserved && reservation.state != State::Reserved {
        work.unschedule(EXPIRY, order.id);
    }
    facts::emit(work, events);
    shelf::put(work, &shelf, journal);
    Ok(())
}

async fn stocks_of(store: &Store, order: &Order, lines: &[Line]) -> Result<Vec<StockId>, Error<Refusal>> {
    let reservation = store.get::<Reservation>(order.id).await.map_err(Error::of_read)?;
    Ok(match reservation {
        Some(reservation) => stocks_for(&reservation.order, &reservation.lines).collect(),
        None => stocks_for(order, lines).collect(),
    })
}

/// The stock that an order's lines come from.
pub(crate) fn stocks_for(order: &Order, lines: &[Line]) -> impl Iterator<Item = StockId> {
    let seller = order.seller;
    lines.iter().map(move |line| stock_id(seller, line.variant))
}
