//! What other services and clocks tell about orders, and how it is taken in.
//!
//! A fact is tried with the reservation alone, which is enough for nearly
//! every payment. When it needs stock, it is prepared again with that.

use kernel::{CheckoutId, StockId};
use store::{Cause, Error, Keys, Store, Work};

use crate::{
    domain::{Event, Hold, HoldState, Line, Order, Refusal, Reservation, Shelf, Site, State, Stock, Undone, stock_id},
    networks::Networks,
    store::{facts, movement::Journal, shelf},
};

/// The timer that gives a reservation back by itself.
pub(crate) const EXPIRY: &str = "reservation_expiry";

/// One of [`Reservation`]'s methods.
pub(crate) type Step = fn(&mut Reservation, &mut Shelf, &[Site]) -> Result<Vec<Event>, Undone>;

/// Tells an order's reservation something. The lines are what the order is for, in case nobody has reserved anything.
pub(crate) async fn tell(
    store: &Store,
    networks: &Networks,
    cause: Cause,
    order: Order,
    lines: Vec<Line>,
    step: Step,
) -> Result<(), Error<Refusal>> {
    let lines = &lines;
    let told = store.execute_prepared(cause, Refusal::is_about_preparation, |again| async move {
        let (mut stocks, mut sites) = (Vec::new(), Vec::new());
        if again {
            stocks = stocks_of(store, &order, lines).await?;
            networks.forget(order.seller);
            sites = networks.of(order.seller).await.map_err(Error::of_read)?.sites.clone();
        }
        let journal = Journal::at(store.clock().now());
        let keys = Keys::new().one::<Reservation>(order.id).all::<Stock>(stocks.iter().copied());
        let lines = lines.clone();
        let run = move |work: &mut Work| {
            let shelf = shelf::take(work, &stocks);
            if shelf.knows_more_than(order.seller, &sites) {
                return Err(Refusal::UnknownWarehouse);
            }
            if work.get::<Reservation>(order.id).is_none() {
                work.insert(Reservation::unknown(order, lines.clone(), journal.now()));
            }
            apply(work, order, shelf, &sites, step, journal)
        };
        Ok((keys, run))
    });
    told.await
}

/// Gives back what a checkout holds, and remembers that it is to hold nothing any more. What is paid stays.
pub(crate) async fn release_checkout(store: &Store, cause: Cause, checkout: CheckoutId) -> Result<(), Error<Refusal>> {
    let released = store.execute_prepared(cause, Refusal::is_about_preparation, |_| async move {
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
        let run = move |work: &mut Work| {
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
        };
        Ok((keys, run))
    });
    released.await
}

/// A reservation's time is up.
pub(crate) async fn expire(store: &Store, networks: &Networks, order: kernel::OrderId) -> Result<(), Error<Refusal>> {
    let Some(reservation) = store.get::<Reservation>(order).await.map_err(Error::of_read)? else {
        return Ok(());
    };
    let lines = reservation.lines.clone();
    tell(
        store,
        networks,
        Cause::step(EXPIRY, order),
        reservation.order,
        lines,
        |reservation, shelf, _| reservation.release(shelf),
    )
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
