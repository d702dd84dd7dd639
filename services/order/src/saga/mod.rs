//! From a checkout that is written to a checkout that is decided.
//!
//! ```text
//! write: pending ─> reserve ─> open intent ─> write: open, orders placed
//!                     │ short      │ refused
//!                     │            v
//!                     │      cancel intent ─> release
//!                     v                          v
//!                   write: failed, quotations and cart given back
//! ```
//!
//! Every step is idempotent under the checkout's id, so the whole saga can be driven again from its beginning by anybody: the client's own
//! request, its retry, a timer, another replica. A step without an answer may have been applied, and is asked again. Taking back begins
//! with the payment: once its intent is cancelled nobody can pay, and whoever still drives forward is refused there; so stock is released
//! only for checkouts that will never be paid. The last write is made under one cause, whatever it says, so that the first one stands.

mod decide;
mod steps;

use ::store::Store;
use kernel::{CheckoutId, Money, Time};
use proto::payment::v1::OrderAmount;

use crate::{
    config::Terms,
    domain::{COSTS_TOO_MUCH, CancelCode, Checkout, Draft, Failure, FailureCode, Order, Progress},
    peers::Peers,
};

pub(crate) use self::steps::Cancelled;
use self::steps::{Opened, Reserved};

/// Drives a pending checkout once its steps should have been over.
pub(crate) const RECOVERY: &str = "saga_recovery";

/// Drives checkouts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Saga {
    store: Store,
    peers: Peers,
    terms: Terms,
}

/// How a checkout was decided.
pub(crate) enum Decision {
    /// These orders wait for payment.
    Open(Vec<Order>),
    /// It came to nothing.
    Failed(Failure),
    /// Somebody else decided it before us, or payment had told something already: look.
    Otherwise,
}

/// Nothing is decided yet: a step has no answer, or the database has none. The checkout stays pending and is driven again.
#[derive(Debug, thiserror::Error)]
#[error("{step} has no answer: {why}")]
pub(crate) struct Undecided {
    step: &'static str,
    why: String,
}

impl Saga {
    pub(crate) fn new(store: Store, peers: Peers, terms: Terms) -> Self {
        Self { store, peers, terms }
    }

    /// Goes through the steps of a pending checkout, from the first.
    pub(crate) async fn drive(&self, checkout: &Checkout) -> Result<Decision, Undecided> {
        let freights = match steps::reserve(self, checkout).await? {
            Reserved::Held(freights) => freights,
            // Whoever asks again is told the same, so nobody ever gets further: there is nothing to take back.
            Reserved::Short(failure) => return self.fail(checkout, failure).await,
            Reserved::Refused(failure) => return self.take_back(checkout, failure).await,
        };
        let orders = match self.orders(checkout, &freights)? {
            Ok(orders) => orders,
            Err(failure) => return self.take_back(checkout, failure).await,
        };
        match steps::open_intent(self, checkout, &orders).await? {
            Opened::Yes => self.open(checkout, orders, true).await,
            Opened::Refused(failure) => self.take_back(checkout, failure).await,
        }
    }

    /// What the timer does: drives a checkout that is still pending, or takes it back when it was tried for too long.
    pub(crate) async fn recover(&self, id: CheckoutId) -> Result<(), Undecided> {
        let checkout = self.store.get::<Checkout>(id).await;
        let checkout = checkout.map_err(|error| Undecided::new("reading the checkout", error))?;
        let Some(checkout) = checkout.filter(|checkout| matches!(checkout.progress, Progress::Pending { .. })) else {
            return Ok(());
        };
        // A checkout that nobody may pay any more is of no use.
        if self.now() < checkout.created.plus(self.terms.give_up).min(checkout.payment_deadline) {
            self.drive(&checkout).await?;
        } else {
            let failure = Failure {
                code: FailureCode::TimedOut,
                detail: "the checkout took too long".to_owned(),
                lines: Vec::new(),
            };
            self.take_back(&checkout, failure).await?;
        }
        Ok(())
    }

    /// Cancels the intent of a checkout, as far as payment lets us.
    pub(crate) async fn cancel_intent(&self, checkout: &Checkout, reason: CancelCode) -> Result<Cancelled, Undecided> {
        steps::cancel_intent(self, checkout.payment, reason).await
    }

    async fn take_back(&self, checkout: &Checkout, failure: Failure) -> Result<Decision, Undecided> {
        match self.cancel_intent(checkout, CancelCode::PaymentCancelled).await? {
            Cancelled::Yes => {
                steps::release(self, checkout.id).await?;
                self.fail(checkout, failure).await
            }
            Cancelled::Processing => Err(Undecided::new("cancelling the payment", "money is on its way")),
            Cancelled::Paid(amounts) => self.rescue(checkout, &amounts).await,
        }
    }

    /// The buyer has paid before the orders were placed, so they are placed after all, at what was paid: logistics may have forgotten what
    /// it asked for. If the stock is gone meanwhile, they begin with a refund.
    async fn rescue(&self, checkout: &Checkout, paid: &[OrderAmount]) -> Result<Decision, Undecided> {
        let in_stock = match steps::reserve(self, checkout).await? {
            Reserved::Held(_) => true,
            Reserved::Short(_) | Reserved::Refused(_) => false,
        };
        let freights = steps::freights_paid(checkout.drafts(), paid)?;
        let orders = self.orders(checkout, &freights)?;
        let orders = orders.map_err(|failure| Undecided::new("placing orders that are paid", failure.detail))?;
        self.open(checkout, orders, in_stock).await
    }

    /// The orders of a checkout with these freights, if all of it together can be paid. Whoever makes them makes the same ones.
    fn orders(&self, checkout: &Checkout, freights: &[Money]) -> Result<Result<Vec<Order>, Failure>, Undecided> {
        let Progress::Pending {
            drafts, ship_to, windows, ..
        } = &checkout.progress
        else {
            return Err(Undecided::new("making the orders", "the checkout is decided"));
        };
        let mut sum = Money::zero(checkout.currency);
        let mut orders = Vec::with_capacity(drafts.len());
        for (draft, freight) in drafts.iter().zip(freights) {
            let sale = checkout.sale(draft, *freight, ship_to, *windows).ok();
            let payable = sale.and_then(|sale| {
                sum = sum.checked_add(sale.total).ok().filter(|sum| sum.is_payable())?;
                Some(Order::place(sale))
            });
            let Some(order) = payable else {
                return Ok(Err(too_much(draft)));
            };
            orders.push(order);
        }
        Ok(Ok(orders))
    }

    fn now(&self) -> Time {
        self.store.clock().now()
    }
}

/// The order that takes the sum beyond what can be paid is told by its first
/// line. Its lines and those before them can be paid, so it is the freight.
fn too_much(draft: &Draft) -> Failure {
    let field = draft.lines.first().map(|draft| draft.field.clone()).unwrap_or_default();
    let text = format!("{COSTS_TOO_MUCH}, together with the freight of its order and what comes before it");
    Failure {
        code: FailureCode::AmountTooLarge,
        detail: format!("{field}: {text}"),
        lines: vec![(field, text)],
    }
}

impl Undecided {
    /// Whoever asked cannot wait any longer.
    pub(crate) fn out_of_time() -> Self {
        Self::new("driving the checkout", "its time is over")
    }

    fn new(step: &'static str, why: impl ToString) -> Self {
        Self {
            step,
            why: why.to_string(),
        }
    }
}
