//! Every state against every command and every fact.

use std::time::Duration;

use kernel::Time;

use super::{
    CancelCode, CancelReason, Event, Moment, Order, Party, Refusal, State,
    samples::{order, windows},
};

const NOW: Time = Time::from_micros(1_000);

/// Long after every window.
const LATE: Time = Time::from_micros(1 << 50);

/// The columns of the table.
fn states() -> [State; 10] {
    let shipped = NOW.plus(windows().shipped);
    let delivered = NOW.plus(windows().inspection);
    [
        State::Placed,
        State::Paid,
        State::Cancelling,
        State::Shipped { accept_by: shipped },
        State::Delivered { accept_by: delivered },
        State::Accepted,
        State::Completed,
        State::Refunding,
        State::Cancelled { refunded: false },
        State::Cancelled { refunded: true },
    ]
}

fn order_that_is(state: State) -> Order {
    let mut order = order();
    order.state = state;
    order
}

type Step = fn(&mut Order, Moment) -> Result<Vec<Event>, Refusal>;

/// What happens in each state: `-` is nothing, `!` a refusal, otherwise the new state, and after a colon the events.
#[rustfmt::skip]
const TABLE: [(&str, Step, [&str; 10]); 16] = [
    ("buyer cancels", |order, at| order.cancel(Party::Buyer, String::new(), at.now).map(|event| vec![event]),
        ["!", "cancelling: CancellationRequested", "!", "!", "!", "!", "!", "!", "!", "!"]),
    ("seller cancels", |order, at| order.cancel(Party::Seller, String::new(), at.now).map(|event| vec![event]),
        ["!", "cancelling: CancellationRequested", "!", "!", "!", "!", "!", "!", "!", "!"]),
    ("buyer accepts", |order, at| order.accept(Party::Buyer, at.now).map(|event| vec![event]),
        ["!", "!", "!", "accepted: Accepted", "accepted: Accepted", "!", "!", "!", "!", "!"]),
    ("seller accepts", |order, at| order.accept(Party::Seller, at.now).map(|event| vec![event]),
        ["!", "!", "!", "!", "!", "!", "!", "!", "!", "!"]),
    ("too early to run out", |order, at| Ok(order.run_out(at.now).into_iter().collect()),
        ["-", "-", "-", "-", "-", "-", "-", "-", "-", "-"]),
    ("runs out", |order, _| Ok(order.run_out(LATE).into_iter().collect()),
        ["-", "-", "-", "accepted: Accepted", "accepted: Accepted", "-", "-", "-", "-", "-"]),
    ("funded", |order, at| Ok(order.funded(at)),
        ["paid: Paid", "-", "-", "-", "-", "-", "-", "-", "cancelled: RefundRequested", "-"]),
    ("intent cancelled", |order, at| Ok(order.intent_cancelled(CancelCode::PaymentTimeout.into(), at)),
        ["cancelled: Cancelled", "-", "-", "-", "-", "-", "-", "-", "-", "-"]),
    ("allocation failed", |order, at| Ok(order.allocation_failed(at)),
        ["refunding: RefundRequested", "refunding: RefundRequested", "refunding: RefundRequested", "-", "-", "-", "-", "-", "-", "-"]),
    ("cancellation accepted", |order, at| Ok(order.cancellation_accepted(at)),
        ["refunding: RefundRequested", "refunding: RefundRequested", "refunding: RefundRequested", "-", "-", "-", "-", "-", "-", "-"]),
    ("cancellation refused", |order, at| Ok(order.cancellation_refused(at)),
        ["-", "-", "paid", "-", "-", "-", "-", "-", "-", "-"]),
    ("shipped", |order, at| Ok(order.shipped("shp_1", "T1", at)),
        ["shipped: Paid Shipped", "shipped: Shipped", "shipped: Shipped", "-", "-", "-", "-", "-", "-", "-"]),
    ("delivered", |order, at| Ok(order.delivered("shp_1", at)),
        ["delivered: Paid Shipped Delivered", "delivered: Shipped Delivered", "delivered: Shipped Delivered", "delivered: Delivered", "-", "-", "-", "-", "-", "-"]),
    ("returned", |order, at| Ok(order.returned("shp_1", at)),
        ["refunding: RefundRequested", "refunding: RefundRequested", "refunding: RefundRequested", "refunding: RefundRequested", "refunding: RefundRequested", "-", "-", "-", "-", "-"]),
    ("released", |order, at| Ok(order.released(at)),
        ["completed: Paid Completed", "completed: Completed", "completed: Completed", "completed: Completed", "completed: Completed", "completed: Completed", "-", "completed: Completed", "-", "-"]),
    ("refunded", |order, at| Ok(order.refunded(order.total, at)),
        ["cancelled: Cancelled", "cancelled: Cancelled", "cancelled: Cancelled", "cancelled: Cancelled", "cancelled: Cancelled", "cancelled: Cancelled", "-", "cancelled: Cancelled", "cancelled", "-"]),
];

fn outcome(before: State, order: &Order, result: Result<Vec<Event>, Refusal>) -> String {
    match result {
        Err(_) => "!".to_owned(),
        Ok(events) if events.is_empty() && order.state() == before => "-".to_owned(),
        Ok(events) if events.is_empty() => order.state().name().to_owned(),
        Ok(events) => {
            let events: Vec<_> = events.iter().map(|event| format!("{event:?}")).collect();
            format!("{}: {}", order.state().name(), events.join(" "))
        }
    }
}

#[test]
fn every_state_takes_every_command_and_fact_as_the_table_says() {
    for (name, step, expected) in TABLE {
        for (state, expected) in states().into_iter().zip(expected) {
            let mut order = order_that_is(state);
            let result = step(&mut order, Moment::here(NOW));
            let refused = result.is_err();
            assert_eq!(outcome(state, &order, result), expected, "{name} while {state:?}");
            if refused {
                assert_eq!(order, order_that_is(state), "a refusal leaves no trace: {name} while {state:?}");
            }
        }
    }
}

#[test]
fn a_fact_told_twice_changes_nothing_the_second_time() {
    for (name, step, _) in TABLE {
        for state in states() {
            let mut order = order_that_is(state);
            if step(&mut order, Moment::here(NOW)).is_err() {
                continue;
            }
            let once = order.clone();
            let again = step(&mut order, Moment::here(NOW)).unwrap_or_default();
            assert_eq!((&order, again), (&once, Vec::new()), "{name} while {state:?}");
        }
    }
}

#[test]
fn whoever_asks_again_after_a_refusal_finds_both_requests_and_both_refusals_in_the_timeline() {
    let mut order = order();
    order.funded(Moment::here(NOW));
    for seconds in [1, 3] {
        let (asked, answered) = (NOW.plus(Duration::from_secs(seconds)), NOW.plus(Duration::from_secs(seconds + 1)));
        order.cancel(Party::Buyer, String::new(), asked).unwrap();
        // The refusal is told twice.
        order.cancellation_refused(Moment::here(answered));
        order.cancellation_refused(Moment::here(answered));
    }
    let kinds: Vec<_> = order.timeline.entries().map(|(entry, _)| entry.kind.as_str()).collect();
    let round = ["cancelling", "cancellation_refused"];
    assert_eq!(kinds, [["placed", "paid"], round, round].concat());
}

#[test]
fn tracking_never_changes_the_state() {
    for state in states() {
        let mut order = order_that_is(state);
        assert!(order.tracked("in_transit", "shp_1", Moment::here(NOW)).is_empty());
        assert_eq!(order.state(), state);
    }
}

#[test]
fn a_refused_command_names_the_state_and_the_attempt() {
    let refusal = order().cancel(Party::Buyer, String::new(), NOW).unwrap_err();
    assert_eq!(refusal.to_string(), "an order that is placed cannot be cancelled");
}

#[test]
fn windows_begin_when_we_hear_of_it_and_are_those_of_the_sale() {
    let mut order = order();
    order.funded(Moment::here(NOW));
    let late = Moment {
        happened: Time::from_micros(5),
        now: NOW,
    };
    order.shipped("shp_1", "T1", late);
    assert_eq!(order.state().accept_by(), Some(NOW.plus(windows().shipped)));
    order.delivered("shp_1", late);
    assert_eq!(order.state().accept_by(), Some(NOW.plus(windows().inspection)));
}

#[test]
fn the_reason_of_whoever_cancelled_stands_until_logistics_refuses() {
    let mut order = order();
    order.funded(Moment::here(NOW));
    order.cancel(Party::Seller, "sold elsewhere".to_owned(), NOW).unwrap();
    let mut refused = order.clone();
    refused.cancellation_refused(Moment::here(NOW));
    assert_eq!((refused.state(), refused.cancel), (State::Paid, None));
    order.cancellation_accepted(Moment::here(NOW));
    order.refunded(order.total, Moment::here(NOW));
    let reason = order.cancel.unwrap();
    assert_eq!((reason.code, reason.note.as_str()), (CancelCode::Seller, "sold elsewhere"));
}

#[test]
fn what_came_back_is_cancelled_as_not_delivered_whichever_fact_of_its_way_comes_first() {
    let facts: [fn(&mut Order) -> Vec<Event>; 3] = [
        |order| order.shipped("shp_1", "T1", Moment::here(NOW)),
        |order| order.returned("shp_1", Moment::here(NOW)),
        |order| order.cancellation_refused(Moment::here(NOW)),
    ];
    for arrival in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut order = order();
        order.funded(Moment::here(NOW));
        order.cancel(Party::Buyer, "too late".to_owned(), NOW).unwrap();
        for fact in arrival {
            facts[fact](&mut order);
        }
        assert_eq!((order.state(), order.state().accept_by()), (State::Refunding, None));
        assert_eq!(order.cancel, Some(CancelCode::NotDelivered.into()), "{arrival:?}");
    }
}

#[test]
fn whoever_cancelled_before_payment_is_named_whichever_of_answer_and_event_comes_first() {
    for (party, expected) in [(Party::Buyer, CancelCode::Buyer), (Party::Seller, CancelCode::Seller)] {
        let answer = CancelReason {
            code: party.into(),
            note: "changed my mind".to_owned(),
        };
        let event = CancelReason::from(party.cancels_all_as());
        for reasons in [[&answer, &event], [&event, &answer]] {
            let mut order = order();
            for reason in reasons {
                order.intent_cancelled(reason.clone(), Moment::here(NOW));
            }
            let known = order.cancel.unwrap();
            assert_eq!((known.code, known.note.as_str()), (expected, "changed my mind"));
        }
    }
    let mut late = order();
    late.intent_cancelled(CancelCode::PaymentCancelled.into(), Moment::here(NOW));
    late.intent_cancelled(CancelCode::PaymentTimeout.into(), Moment::here(NOW));
    assert_eq!(late.cancel, Some(CancelCode::PaymentCancelled.into()));
}

#[test]
fn who_called_an_unpaid_order_off_has_it_called_off() {
    use CancelCode::{Buyer, PaymentCancelled, PaymentTimeout, Seller};
    for (code, [buyer, seller]) in [
        (Buyer, [true, false]),
        (Seller, [false, true]),
        (PaymentCancelled, [false, true]),
        (PaymentTimeout, [false, false]),
    ] {
        let mut order = order();
        assert!(!order.was_called_off(Party::Buyer) && !order.was_called_off(Party::Seller));
        order.intent_cancelled(code.into(), Moment::here(NOW));
        assert_eq!(
            [Party::Buyer, Party::Seller].map(|party| order.was_called_off(party)),
            [buyer, seller],
            "{code:?}"
        );
        // Money that comes all the same goes back: that is another story.
        order.funded(Moment::here(NOW));
        assert!(!order.was_called_off(Party::Buyer) && !order.was_called_off(Party::Seller));
    }
}

#[test]
fn every_state_survives_its_row() {
    for state in states() {
        let refunded = state == State::Cancelled { refunded: true };
        assert_eq!(State::named(state.name(), state.accept_by(), refunded), Some(state));
    }
    assert_eq!(State::named("shipped", None, false), None);
    assert_eq!(State::named("lost", None, false), None);
}
