//! A checkout: one payment, an order per seller. It is written before its first step and decided once, at the end.

use kernel::{CheckoutId, Currency, Money, MoneyError, OrderId, OrganisationId, PaymentId, QuotationId, Time};
use serde::{Deserialize, Serialize};

use super::{Address, CartLine, Draft, Order, Parties, Refusal, Sale, State, Windows};

/// A purchase on its way from a basket to orders.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checkout {
    /// Its id, from which every step's key follows.
    pub(crate) id: CheckoutId,
    /// Who buys; the owner.
    pub(crate) buyer: OrganisationId,
    /// The id that its one payment has, known before it is opened.
    pub(crate) payment: PaymentId,
    /// The one currency of all its money.
    pub(crate) currency: Currency,
    /// The quotations that it took.
    pub(crate) quotations: Vec<QuotationId>,
    /// Unpaid at this time, it is closed.
    pub(crate) payment_deadline: Time,
    /// When it began.
    pub(crate) created: Time,
    /// How far it is.
    pub(crate) progress: Progress,
}

/// How far a checkout is. What becomes of its orders afterwards stands in the orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Progress {
    /// Its steps are under way: all that is needed to repeat them, or to take them back.
    Pending {
        /// The orders to be.
        drafts: Vec<Draft>,
        /// Where the goods go.
        ship_to: Box<Address>,
        /// The windows that its orders will have.
        windows: Windows,
        /// What it took from the buyer's cart, and gives back if it comes to nothing. Empty when the buyer named the lines.
        cart: Vec<CartLine>,
        /// What payment has told of its intent already. Facts may come before the last write, and are kept for it.
        intent: Option<IntentFact>,
    },
    /// Its orders are placed.
    Open {
        /// Which.
        orders: Vec<OrderId>,
    },
    /// A step was refused, and everything was given back.
    Failed(Failure),
}

/// What payment may tell of an intent whose orders are not placed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentFact {
    /// Its money is in escrow since then.
    Funded(Time),
    /// Nobody will pay any more.
    Cancelled,
}

/// Why a checkout failed, in the words that its buyer got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// For programs.
    pub(crate) code: FailureCode,
    /// For people.
    pub(crate) detail: String,
    /// The lines that it is about: field and description.
    pub(crate) lines: Vec<(String, String)>,
}

kernel::named! {
    /// Why a checkout failed, as clients see it.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    pub(crate) enum FailureCode {
        /// There are too few pieces.
        OutOfStock = "OUT_OF_STOCK",
        /// A seller does not ship to this country.
        NoFreightRate = "NO_FREIGHT_RATE",
        /// A seller's freight is in another currency.
        FreightCurrency = "FREIGHT_CURRENCY",
        /// A seller's freight is more than can be paid.
        FreightTooMuch = "FREIGHT_TOO_MUCH",
        /// Lines and freight together are more than can be paid.
        AmountTooLarge = "AMOUNT_TOO_LARGE",
        /// Logistics refused for a reason of its own.
        ReservationRefused = "RESERVATION_REFUSED",
        /// Payment refused to open the intent.
        PaymentRefused = "PAYMENT_REFUSED",
        /// It took too long.
        TimedOut = "TIMED_OUT",
    }
}

/// How a checkout stands, its orders included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Its steps are under way.
    Pending,
    /// It waits for payment.
    Open,
    /// It came to nothing.
    Failed,
    /// It is paid.
    Paid,
    /// It was never paid and will not be.
    Closed,
}

impl Checkout {
    /// How it stands, given its orders. They have one payment, so they are paid or not paid together.
    pub(crate) fn standing<'a>(&self, orders: impl IntoIterator<Item = &'a Order>) -> Standing {
        match self.progress {
            Progress::Pending { .. } => Standing::Pending,
            Progress::Failed(_) => Standing::Failed,
            Progress::Open { .. } => {
                let mut standing = Standing::Closed;
                for order in orders {
                    if order.paid.is_some() {
                        return Standing::Paid;
                    }
                    if order.state() == State::Placed {
                        standing = Standing::Open;
                    }
                }
                standing
            }
        }
    }

    /// Its orders, placed or to be.
    pub(crate) fn orders(&self) -> Vec<OrderId> {
        match &self.progress {
            Progress::Pending { drafts, .. } => drafts.iter().map(|draft| draft.order).collect(),
            Progress::Open { orders } => orders.clone(),
            Progress::Failed(_) => Vec::new(),
        }
    }

    /// The orders to be, while nothing is decided.
    pub(crate) fn drafts(&self) -> &[Draft] {
        match &self.progress {
            Progress::Pending { drafts, .. } => drafts,
            Progress::Open { .. } | Progress::Failed(_) => &[],
        }
    }

    /// What it took from the buyer's cart, and has to give back while nothing is decided.
    pub(crate) fn cart(&self) -> &[CartLine] {
        match &self.progress {
            Progress::Pending { cart, .. } => cart,
            Progress::Open { .. } | Progress::Failed(_) => &[],
        }
    }

    /// What a draft is sold as, with the freight that logistics or the quotation names.
    ///
    /// # Errors
    /// Amounts beyond 64 bits, or freight in another currency.
    pub(crate) fn sale(&self, draft: &Draft, freight: Money, ship_to: &Address, windows: Windows) -> Result<Sale, MoneyError> {
        Ok(Sale {
            id: draft.order,
            parties: Parties {
                checkout: self.id,
                payment: self.payment,
                buyer: self.buyer,
                seller: draft.seller,
            },
            lines: draft.lines.iter().map(|draft| draft.line.clone()).collect(),
            freight,
            total: draft.total(freight)?,
            fee: draft.fee()?,
            ship_to: ship_to.clone(),
            quotation: draft.quoted.map(|(quotation, _)| quotation),
            payment_deadline: self.payment_deadline,
            windows,
            created: self.created,
        })
    }

    /// Payment tells something of its intent before its orders are placed. The first fact stands: money
    /// that is there cannot be cancelled, and a cancelled intent takes none.
    ///
    /// # Errors
    /// A checkout that is decided: its orders are the ones to tell.
    pub(crate) fn hear(&mut self, fact: IntentFact) -> Result<(), Refusal> {
        let refusal = self.illegal("told of its payment");
        match &mut self.progress {
            Progress::Pending { intent, .. } => {
                intent.get_or_insert(fact);
                Ok(())
            }
            Progress::Open { .. } | Progress::Failed(_) => Err(refusal),
        }
    }

    /// Its orders are placed; when they were paid, if they were already.
    ///
    /// # Errors
    /// A checkout that is decided, or whose payment is cancelled.
    pub(crate) fn open(&mut self) -> Result<Option<Time>, Refusal> {
        let Progress::Pending { drafts, intent, .. } = &self.progress else {
            return Err(self.illegal("opened"));
        };
        let funded = match *intent {
            None => None,
            Some(IntentFact::Funded(at)) => Some(at),
            Some(IntentFact::Cancelled) => return Err(self.illegal("opened without a payment")),
        };
        let orders = drafts.iter().map(|draft| draft.order).collect();
        self.progress = Progress::Open { orders };
        Ok(funded)
    }

    /// It came to nothing.
    ///
    /// # Errors
    /// A checkout that is decided.
    pub(crate) fn fail(&mut self, failure: Failure) -> Result<(), Refusal> {
        match self.progress {
            Progress::Pending { .. } => {
                self.progress = Progress::Failed(failure);
                Ok(())
            }
            Progress::Open { .. } | Progress::Failed(_) => Err(self.illegal("failed")),
        }
    }

    fn illegal(&self, attempt: &'static str) -> Refusal {
        let from = match self.progress {
            Progress::Pending { .. } => "pending",
            Progress::Open { .. } => "open",
            Progress::Failed(_) => "failed",
        };
        Refusal::IllegalCheckout { from, attempt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        CancelCode, Moment,
        samples::{checkout, order},
    };

    fn failure() -> Failure {
        Failure {
            code: FailureCode::OutOfStock,
            detail: String::new(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn a_checkout_is_decided_once() {
        let mut opened = checkout();
        assert_eq!(opened.open(), Ok(None));
        assert!(opened.fail(failure()).is_err() && opened.open().is_err() && opened.hear(IntentFact::Cancelled).is_err());
        assert!(matches!(opened.progress, Progress::Open { .. }));
        let mut failed = checkout();
        assert_eq!(failed.fail(failure()), Ok(()));
        assert!(failed.open().is_err() && failed.fail(failure()).is_err() && failed.hear(IntentFact::Cancelled).is_err());
        assert_eq!(failed.progress, Progress::Failed(failure()));
    }

    #[test]
    fn what_payment_tells_early_is_kept_for_the_last_write() {
        let time = Time::from_micros(7);
        let mut funded = checkout();
        funded.hear(IntentFact::Funded(time)).unwrap();
        funded.hear(IntentFact::Cancelled).unwrap();
        assert_eq!(funded.open(), Ok(Some(time)));
        let mut cancelled = checkout();
        cancelled.hear(IntentFact::Cancelled).unwrap();
        let refused = cancelled.open().unwrap_err();
        assert_eq!(refused.to_string(), "a checkout that is pending cannot be opened without a payment");
        assert_eq!(cancelled.fail(failure()), Ok(()));
    }

    #[test]
    fn an_open_checkout_is_what_its_orders_are() {
        let at = Moment::here(Time::from_micros(1));
        let mut checkout = checkout();
        assert_eq!(checkout.standing([]), Standing::Pending);
        checkout.open().unwrap();
        let (mut paid, mut closed) = (order(), order());
        assert_eq!(checkout.standing([&paid, &closed]), Standing::Open);
        closed.intent_cancelled(CancelCode::PaymentTimeout.into(), at);
        assert_eq!(checkout.standing([&closed]), Standing::Closed);
        paid.funded(at);
        assert_eq!(checkout.standing([&closed, &paid]), Standing::Paid);
        paid.allocation_failed(at);
        paid.refunded(paid.total, at);
        assert_eq!(checkout.standing([&paid]), Standing::Paid);
    }
}
