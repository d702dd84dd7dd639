//! Every change of an order is written here, so that its facts and its timers follow from it.

use kernel::{CheckoutId, OrderId, QuotationId};
use store::{Timer, Work};

use crate::{
    domain::{CancelReason, Checkout, Event, Moment, Order, Quotation, QuotationState, Refusal, State},
    store::facts,
};

/// Asks payment to cancel the intent of a checkout.
pub(crate) const PAYMENT_DEADLINE: &str = "payment_deadline";

/// Accepts an order whose window has run out.
pub(crate) const ACCEPTANCE: &str = "acceptance";

/// Ends a quotation whose time has come.
pub(crate) const QUOTATION_EXPIRY: &str = "quotation_expiry";

/// Changes an order, tells what happened, and sets the timer that its new state asks for.
pub(crate) fn change(work: &mut Work, id: OrderId, change: impl FnOnce(&mut Order) -> Result<Vec<Event>, Refusal>) -> Result<(), Refusal> {
    let order = work.change::<Order>(id).ok_or(Refusal::NoSuchOrder)?;
    let before = order.state();
    let events = change(order)?;
    let (after, checkout) = (order.state(), order.parties.checkout);
    let facts: Vec<_> = events.into_iter().map(|event| facts::order(order, event)).collect();
    facts.into_iter().for_each(|fact| work.emit(fact));
    if before.accept_by() != after.accept_by() {
        match after.accept_by() {
            Some(due) => work.schedule(Timer::new(ACCEPTANCE, id, due)),
            None => work.unschedule(ACCEPTANCE, id),
        }
    }
    if before == State::Placed && after != State::Placed {
        work.unschedule(PAYMENT_DEADLINE, checkout);
    }
    Ok(())
}

/// Adds an order that was just placed.
pub(crate) fn place(work: &mut Work, order: &Order) {
    work.emit(facts::order(order, Event::Placed));
    work.insert(order.clone());
}

/// Payment said that nobody will pay for a checkout any more: its unpaid orders end, and its quotations can be used again. The keys name
/// its orders and quotations, `reason` what each order hears: not all of a checkout's sellers need to know why one of them wants out.
pub(crate) fn close(work: &mut Work, checkout: &Checkout, reason: impl Fn(OrderId) -> CancelReason, at: Moment) -> Result<(), Refusal> {
    let orders = checkout.orders();
    for order in &orders {
        change(work, *order, |order| Ok(order.intent_cancelled(reason(order.id), at)))?;
    }
    let paid = |order: &OrderId| work.get::<Order>(*order).is_some_and(|order| order.paid.is_some());
    if !orders.iter().any(paid) {
        give_back(work, checkout.id, &checkout.quotations, at);
    }
    Ok(())
}

/// Opens the quotations that a checkout took, or ends those whose time has come. The timer of one that is open again may have run out
/// meanwhile, by a clock that was ahead of ours.
pub(crate) fn give_back(work: &mut Work, from: CheckoutId, quotations: &[QuotationId], at: Moment) {
    for id in quotations {
        let Some(quotation) = work.change::<Quotation>(*id) else {
            continue;
        };
        let event = quotation.give_back(from, at.now);
        let again = (quotation.state == QuotationState::Open).then(|| Timer::new(QUOTATION_EXPIRY, *id, quotation.expires));
        let fact = event.map(|event| facts::quotation(quotation, event));
        fact.into_iter().for_each(|fact| work.emit(fact));
        again.into_iter().for_each(|timer| work.schedule(timer));
    }
}
