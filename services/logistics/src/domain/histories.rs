//! Whole histories of orders: whatever the facts and their order of arrival, stock and reservations end in the same state.

use kernel::{ShipmentId, Time};
use proptest::prelude::*;

use super::{samples::*, *};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Paid,
    CheckoutFailed,
    Expired,
    Cancelled,
    CancellationRequested,
}

const ALL: [Told; 5] = [
    Told::Paid,
    Told::CheckoutFailed,
    Told::Expired,
    Told::Cancelled,
    Told::CancellationRequested,
];

/// A seller with two warehouses of five pieces each, and one order of seven.
#[derive(Clone, Debug)]
struct World {
    shelf: Shelf,
    reservation: Reservation,
    events: Vec<Event>,
}

fn parties(number: u128) -> Order {
    Order {
        id: order(number),
        checkout: checkout(1),
        seller: seller(1),
        buyer: seller(2),
    }
}

fn now() -> Time {
    Time::from_micros(1)
}

fn sites() -> Vec<Site> {
    vec![site(1, "CN", 0, 0), site(2, "DE", 0, 0)]
}

fn stocked(pieces: i64) -> Shelf {
    let mut stock = Stock::empty(seller(1), variant(1));
    for place in [1, 2] {
        stock.receive(warehouse(place), pieces, "").unwrap();
    }
    Shelf::new([stock.id()], [stock])
}

fn lines(quantity: i64) -> Vec<Line> {
    vec![Line {
        variant: variant(1),
        quantity,
    }]
}

fn planned(shelf: &Shelf, demand: Demand, terms: Terms) -> Plan {
    match shelf.plan(seller(1), &[demand], &sites(), terms).unwrap() {
        Sourced::From(plan) => plan,
        Sourced::Short(short) => panic!("{short:?}"),
    }
}

impl World {
    fn reserved() -> Self {
        let mut shelf = stocked(5);
        let terms = Terms::Quote {
            to: country("DE"),
            currency: usd(),
        };
        let demand = Demand {
            variant: variant(1),
            quantity: 7,
            weight_mg: 1,
        };
        let plan = planned(&shelf, demand, terms);
        let reservation = Reservation::reserve(parties(1), lines(7), country("DE"), plan, &mut shelf, now()).unwrap();
        Self {
            shelf,
            reservation,
            events: Vec::new(),
        }
    }

    fn hear(&mut self, told: Told) {
        let (reservation, shelf) = (&mut self.reservation, &mut self.shelf);
        let events = match told {
            Told::Paid => reservation.pay(shelf, &sites()),
            Told::CheckoutFailed | Told::Expired => reservation.release(shelf),
            Told::Cancelled => reservation.cancel(shelf),
            Told::CancellationRequested => reservation.request_cancellation(shelf),
        };
        self.events.extend(events.unwrap());
    }

    fn ship(&mut self) -> Result<(), Refusal> {
        let shipment = ShipmentId::derived(self.reservation.order.id, "shipment");
        self.reservation.ship(shipment, &mut self.shelf)
    }

    fn stock(&self) -> &Stock {
        self.shelf.stocks().next().unwrap()
    }

    fn ledger_agrees(&self) -> bool {
        // The shelf was stocked outside of the ledger: five pieces in each warehouse.
        self.stock().levels().iter().all(|(place, level)| {
            let here = self.shelf.movements().iter().filter(|movement| movement.warehouse == *place);
            let (on_hand, reserved) = here.fold((5, 0), |(on_hand, reserved), movement| {
                (on_hand + movement.on_hand_change, reserved + movement.reserved_change)
            });
            (on_hand, reserved) == (level.on_hand, level.reserved)
        })
    }

    fn count(&self, wanted: fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| wanted(event)).count()
    }
}

fn expected(facts: &[Told]) -> (State, i64) {
    if facts.contains(&Told::Cancelled) || facts.contains(&Told::CancellationRequested) {
        (State::Cancelled, 0)
    } else if facts.contains(&Told::Paid) {
        (State::Allocated, 7)
    } else if facts.is_empty() {
        (State::Reserved, 7)
    } else {
        (State::Released, 0)
    }
}

proptest! {
    #[test]
    fn the_same_facts_in_any_order_and_number_end_in_the_same_state(
        facts in prop::collection::vec(prop::sample::select(&ALL[..]), 0..12),
        start_unknown: bool,
    ) {
        let mut world = World::reserved();
        if start_unknown {
            world.shelf = stocked(5);
            world.reservation = Reservation::unknown(parties(1), lines(7), now());
        }
        for told in &facts {
            world.hear(*told);
        }
        let (state, reserved) = if start_unknown && facts.is_empty() { (State::Released, 0) } else { expected(&facts) };
        prop_assert_eq!(world.reservation.state, state);
        prop_assert_eq!((world.stock().on_hand(), world.stock().reserved()), (10, reserved));
        prop_assert!(world.ledger_agrees());
        let requests = facts.iter().filter(|told| **told == Told::CancellationRequested).count();
        prop_assert_eq!(world.count(|event| matches!(event, Event::CancellationAccepted(_))), requests);
        prop_assert_eq!(world.count(|event| matches!(event, Event::CancellationRefused(_) | Event::AllocationFailed(_))), 0);
    }

    #[test]
    fn what_is_shipped_stays_shipped_and_every_request_to_cancel_is_refused(
        before in prop::collection::vec(prop::sample::select(&[Told::Paid, Told::CheckoutFailed, Told::Expired][..]), 0..4),
        after in prop::collection::vec(prop::sample::select(&ALL[..]), 0..12),
    ) {
        let mut world = World::reserved();
        for told in before.iter().chain(&[Told::Paid]) {
            world.hear(*told);
        }
        world.ship().unwrap();
        let shipped = world.reservation.clone();
        for told in &after {
            world.hear(*told);
        }
        prop_assert_eq!(&world.reservation, &shipped);
        prop_assert_eq!((world.stock().on_hand(), world.stock().reserved()), (3, 0));
        // What comes back is on hand again, once, and nothing that is told of the order changes that.
        for told in &after {
            world.reservation.take_back(&mut world.shelf).unwrap();
            world.hear(*told);
        }
        let back = if after.is_empty() { 3 } else { 10 };
        prop_assert_eq!((world.stock().on_hand(), world.stock().reserved()), (back, 0));
        prop_assert_eq!(world.reservation.state, shipped.state);
        prop_assert!(world.ledger_agrees());
        let requests = 2 * after.iter().filter(|told| **told == Told::CancellationRequested).count();
        prop_assert_eq!(world.count(|event| matches!(event, Event::CancellationRefused(_))), requests);
        prop_assert_eq!(world.count(|event| matches!(event, Event::CancellationAccepted(_))), 0);
    }
}

#[test]
fn an_order_that_is_paid_after_its_stock_was_sold_to_others_fails_once() {
    let mut world = World::reserved();
    world.hear(Told::Expired);
    let other = {
        let demand = Demand {
            variant: variant(1),
            quantity: 4,
            weight_mg: 1,
        };
        let plan = planned(&world.shelf, demand, Terms::Agreed { to: None });
        Reservation::reserve(parties(2), lines(4), country("DE"), plan, &mut world.shelf, now()).unwrap()
    };
    world.hear(Told::Paid);
    world.hear(Told::Paid);
    world.hear(Told::CheckoutFailed);
    assert_eq!(world.reservation.state, State::Unfulfilled);
    assert_eq!(world.count(|event| matches!(event, Event::AllocationFailed(_))), 1);
    assert_eq!(world.stock().reserved(), 4);
    assert_eq!(other.state, State::Reserved);
    assert!(world.ledger_agrees());
}

#[test]
fn an_unpaid_order_is_not_shipped() {
    let mut world = World::reserved();
    assert_eq!(world.ship(), Err(Refusal::NotPaid));
    // Payment may come after its time was up, too.
    world.hear(Told::Expired);
    assert_eq!(world.ship(), Err(Refusal::NotPaid));
    world.hear(Told::Paid);
    assert_eq!(world.ship(), Ok(()));
    assert_eq!(world.ship(), Err(Refusal::NotShippable { from: "shipped" }));
}

#[test]
fn what_was_not_shipped_does_not_come_back() {
    let mut world = World::reserved();
    for told in [None, Some(Told::Paid), Some(Told::Cancelled)] {
        told.into_iter().for_each(|told| world.hear(told));
        let before = world.clone();
        world.reservation.take_back(&mut world.shelf).unwrap();
        assert_eq!((&world.reservation, &world.shelf), (&before.reservation, &before.shelf));
    }
}

#[test]
fn an_order_cannot_be_both_cancelled_and_shipped() {
    let mut world = World::reserved();
    world.hear(Told::Paid);
    world.hear(Told::CancellationRequested);
    assert!(world.ship().is_err());
    assert_eq!(world.stock().available(), 10);
}

#[test]
fn a_fact_that_needs_other_stock_asks_for_it_and_changes_nothing() {
    let mut reservation = Reservation::unknown(parties(1), lines(7), now());
    let before = reservation.clone();
    let mut bare = Shelf::new([], []);
    assert_eq!(reservation.pay(&mut bare, &sites()), Err(Undone::NotNamed(NotNamed)));
    assert_eq!(reservation, before);
}
