//! From the database to a decision's shelf of stock and back.

use kernel::StockId;
use store::Work;

use super::movement::Journal;
use crate::domain::{Event, MovementKind, Shelf, Stock};

/// Takes the named stock along.
pub(crate) fn take(work: &Work, named: &[StockId]) -> Shelf {
    let stocks = named.iter().filter_map(|id| work.get::<Stock>(*id)).map(|stock| (**stock).clone());
    Shelf::new(named.iter().copied(), stocks)
}

/// Puts it back, writes down what moved, and tells when there is something to be had that was not, or the other way round.
pub(crate) fn put(work: &mut Work, shelf: &Shelf, journal: Journal) {
    for stock in shelf.stocks() {
        let before = work.get::<Stock>(stock.id()).map_or(0, |before| before.available());
        let after = stock.available();
        match work.change::<Stock>(stock.id()) {
            Some(row) => row.clone_from(stock),
            None => work.insert(stock.clone()),
        }
        if (before == 0) != (after == 0) || was_counted(shelf, stock.id()) {
            work.emit(super::facts::fact(&Event::StockChanged {
                owner: stock.owner(),
                variant: stock.variant(),
                available: after,
            }));
        }
    }
    for (place, movement) in shelf.movements().iter().enumerate() {
        work.append(journal.row(place, movement));
    }
}

fn was_counted(shelf: &Shelf, stock: StockId) -> bool {
    shelf
        .movements()
        .iter()
        .filter(|movement| movement.stock == stock)
        .any(|movement| match movement.kind {
            MovementKind::Received | MovementKind::Adjusted | MovementKind::Returned => true,
            MovementKind::Reserved | MovementKind::Released | MovementKind::Allocated | MovementKind::Shipped => false,
        })
}
