//! The last write of a checkout. It is made under one cause, whatever it says: the first one stands, and whoever comes later sees it.

use kernel::CheckoutId;
use proto::order::v1::{Checkout as Answer, CheckoutState};
use store::{Cause, Keys, Timer};

use super::{Decision, RECOVERY, Saga, Undecided};
use crate::{
    domain::{Cart, Checkout, Failure, Moment, Order, Quotation, Refusal},
    store::facts,
    trade,
};

impl Saga {
    /// Places the orders. Those that are paid although their stock is gone begin with a refund.
    pub(super) async fn open(&self, checkout: &Checkout, orders: Vec<Order>, in_stock: bool) -> Result<Decision, Undecided> {
        let (id, deadline, now) = (checkout.id, checkout.payment_deadline, self.now());
        let keys = Keys::new().one::<Checkout>(id).all_fresh::<Order>(checkout.orders());
        let placed = orders.clone();
        let written = self.store.execute::<Answer, Refusal, _>(cause(id), keys, move |work| {
            let checkout = work.change::<Checkout>(id).ok_or(Refusal::NoSuchCheckout)?;
            let funded = checkout.open()?;
            work.schedule(Timer::new(trade::PAYMENT_DEADLINE, id, deadline));
            for order in &placed {
                trade::place(work, order);
                if let Some(happened) = funded {
                    trade::change(work, order.id, |order| Ok(order.funded(Moment { happened, now })))?;
                }
                if !in_stock {
                    trade::change(work, order.id, |order| Ok(order.allocation_failed(Moment::here(now))))?;
                }
            }
            work.unschedule(RECOVERY, id);
            let as_planned = funded.is_none() && in_stock;
            Ok(answer(id, if as_planned { CheckoutState::Open } else { CheckoutState::Paid }))
        });
        match written.await.map_err(|error| Undecided::new("placing the orders", error))?.state() {
            CheckoutState::Open => Ok(Decision::Open(orders)),
            CheckoutState::Failed | CheckoutState::Unspecified | CheckoutState::Pending | CheckoutState::Paid | CheckoutState::Closed => {
                Ok(Decision::Otherwise)
            }
        }
    }

    /// Records that it came to nothing. Its intent is cancelled and its stock released; if another
    /// driver placed its orders meanwhile, payment's own event ends them.
    pub(super) async fn fail(&self, checkout: &Checkout, failure: Failure) -> Result<Decision, Undecided> {
        let (id, buyer, quotations) = (checkout.id, checkout.buyer, checkout.quotations.clone());
        let mut keys = Keys::new().one::<Checkout>(id).all::<Quotation>(quotations.iter().copied());
        let lines = checkout.cart().to_vec();
        if !lines.is_empty() {
            keys = keys.one::<Cart>(buyer);
        }
        let at = Moment::here(self.now());
        let recorded = failure.clone();
        let written = self.store.execute::<Answer, Refusal, _>(cause(id), keys, move |work| {
            let checkout = work.change::<Checkout>(id).ok_or(Refusal::NoSuchCheckout)?;
            checkout.fail(recorded.clone())?;
            trade::give_back(work, id, &quotations, at);
            if let Some(cart) = (!lines.is_empty()).then(|| work.change::<Cart>(buyer)).flatten() {
                cart.give_back(&lines);
            }
            work.emit(facts::checkout_failed(id, buyer, recorded.code));
            work.unschedule(RECOVERY, id);
            Ok(Answer {
                failure_reason: recorded.code.name().to_owned(),
                ..answer(id, CheckoutState::Failed)
            })
        });
        let written = written.await.map_err(|error| Undecided::new("recording the failure", error))?;
        match written.state() {
            CheckoutState::Failed if written.failure_reason == failure.code.name() => Ok(Decision::Failed(failure)),
            CheckoutState::Failed
            | CheckoutState::Open
            | CheckoutState::Unspecified
            | CheckoutState::Pending
            | CheckoutState::Paid
            | CheckoutState::Closed => Ok(Decision::Otherwise),
        }
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
