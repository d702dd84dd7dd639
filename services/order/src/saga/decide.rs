//! The last write of a checkout. It is made under one cause, whatever it says: the first one stands, and whoever comes later sees it.

use kernel::CheckoutId;
use proto::order::v1::{Checkout as Answer, CheckoutState};
use store::{Cause, Keys, Timer};

use super::{Decision, RECOVERY, Saga, Undecided};
use crate::{
    domain::{CancelCode, Cart, Checkout, Event, Failure, Moment, Order, Progress, Quotation, Refusal},
    store::facts,
    trade,
};

impl Saga {
    /// Places the orders.
    pub(super) async fn open(&self, checkout: &Checkout, orders: Vec<Order>) -> Result<Decision, Undecided> {
        self.place(checkout, orders, Vec::new()).await
    }

    /// Places orders that are paid and cannot be delivered: their first step is their refund.
    pub(super) async fn open_for_refund(&self, checkout: &Checkout, orders: Vec<Order>) -> Result<Decision, Undecided> {
        let at = Moment::here(self.now());
        let refund = |order: &Order| {
            let mut order = order.clone();
            let events = order.allocation_failed(at);
            (order, events)
        };
        let refunds = orders.iter().map(refund).collect();
        self.place(checkout, orders, refunds).await
    }

    /// `after` is what each order becomes in the same write, if anything.
    async fn place(&self, checkout: &Checkout, orders: Vec<Order>, after: Vec<(Order, Vec<Event>)>) -> Result<Decision, Undecided> {
        let (id, deadline) = (checkout.id, checkout.payment_deadline);
        let bought = match &checkout.progress {
            Progress::Pending { cart, .. } => cart.clone(),
            Progress::Open { .. } | Progress::Failed(_) => Vec::new(),
        };
        let buyer = checkout.buyer;
        let mut keys = Keys::new().one::<Checkout>(id).all::<Order>(checkout.orders());
        if !bought.is_empty() {
            keys = keys.one::<Cart>(buyer);
        }
        let placed = orders.clone();
        let written = self.store.execute::<Answer, Refusal, _>(cause(id), keys, move |work| {
            if !work.change::<Checkout>(id).is_some_and(Checkout::open) {
                return Ok(answer(id, CheckoutState::Unspecified));
            }
            match after.as_slice() {
                [] => {
                    placed.iter().for_each(|order| trade::place(work, order, Event::Placed));
                    work.schedule(Timer::new(trade::PAYMENT_DEADLINE, id, deadline));
                }
                refunds => {
                    for (order, events) in refunds {
                        trade::place(work, order, Event::Placed);
                        events.iter().for_each(|event| work.emit(facts::order(order, *event)));
                    }
                }
            }
            if let Some(cart) = (!bought.is_empty()).then(|| work.change::<Cart>(buyer)).flatten() {
                cart.take(&bought);
            }
            work.unschedule(RECOVERY, id);
            Ok(answer(id, CheckoutState::Open))
        });
        match written.await.map_err(|error| Undecided::new("placing the orders", error))?.state() {
            CheckoutState::Open => Ok(Decision::Open(orders)),
            _ => Ok(Decision::ByAnother),
        }
    }

    /// Records that it came to nothing. Its intent is cancelled and its stock released; if another driver placed its orders meanwhile, they end here.
    pub(super) async fn fail(&self, checkout: &Checkout, failure: Failure) -> Result<Decision, Undecided> {
        let (id, buyer, quotations) = (checkout.id, checkout.buyer, checkout.quotations.clone());
        let keys = Keys::new().one::<Checkout>(id).all::<Quotation>(quotations.iter().copied());
        let at = Moment::here(self.now());
        let recorded = failure.clone();
        let written = self.store.execute::<Answer, Refusal, _>(cause(id), keys, move |work| {
            if !work.change::<Checkout>(id).is_some_and(|checkout| checkout.fail(recorded.clone())) {
                return Ok(answer(id, CheckoutState::Unspecified));
            }
            trade::give_back(work, id, &quotations, at);
            work.emit(facts::checkout_failed(id, buyer, recorded.code));
            work.unschedule(RECOVERY, id);
            Ok(answer(id, CheckoutState::Failed))
        });
        match written
            .await
            .map_err(|error| Undecided::new("recording the failure", error))?
            .state()
        {
            CheckoutState::Failed => Ok(Decision::Failed(failure)),
            _ => {
                self.close(checkout, at).await?;
                Ok(Decision::ByAnother)
            }
        }
    }

    async fn close(&self, checkout: &Checkout, at: Moment) -> Result<(), Undecided> {
        let keys = Keys::new()
            .all::<Order>(checkout.orders())
            .all::<Quotation>(checkout.quotations.iter().copied());
        let cause = Cause::step("order.close_after_failure", checkout.id);
        let checkout = checkout.clone();
        let closed = self.store.execute::<(), Refusal, _>(cause, keys, move |work| {
            trade::close(work, &checkout, &CancelCode::PaymentCancelled.into(), at)
        });
        closed.await.map_err(|error| Undecided::new("closing the orders", error))
    }
}

fn cause(id: CheckoutId) -> Cause {
    Cause::step("order.decide_checkout", id)
}

/// Small, because it is recorded with every checkout.
fn answer(id: CheckoutId, state: CheckoutState) -> Answer {
    Answer {
        id: id.to_string(),
        state: state.into(),
        ..Answer::default()
    }
}
