//! An order: a buyer's purchase from one seller.
//!
//! What clients may do to it stands in `commands.rs`, what other services tell of it in `facts.rs`.

use std::ops::Deref;

use kernel::{CheckoutId, Currency, Money, OrderId, OrganisationId, PaymentId, QuotationId, Time};

use super::{Address, Line, Moment, Refusal, State, Timeline, Windows};

/// An order: its sale, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    sale: Sale,
    /// When it was paid.
    pub(crate) paid: Option<Time>,
    /// Why it is being cancelled, or was.
    pub(crate) cancel: Option<CancelReason>,
    /// What happened so far.
    pub(crate) timeline: Timeline,
    /// When it last changed.
    pub(crate) updated: Time,
    pub(super) state: State,
}

/// What is frozen when an order is placed. An order has it to read and never to write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sale {
    /// The order's id.
    pub(crate) id: OrderId,
    /// Where it came from and who trades.
    pub(crate) parties: Parties,
    /// What was bought.
    pub(crate) lines: Vec<Line>,
    /// What the transport costs.
    pub(crate) freight: Money,
    /// Gross lines plus freight.
    pub(crate) total: Money,
    /// The platform's fee, borne by the seller.
    pub(crate) fee: Money,
    /// Where the goods go.
    pub(crate) ship_to: Address,
    /// The quotation that set the prices.
    pub(crate) quotation: Option<QuotationId>,
    /// Unpaid at this time, payment is asked to cancel its intent.
    pub(crate) payment_deadline: Time,
    /// The windows that apply to it.
    pub(crate) windows: Windows,
    /// When it was placed.
    pub(crate) created: Time,
}

impl Deref for Order {
    type Target = Sale;

    fn deref(&self) -> &Sale {
        &self.sale
    }
}

/// Where an order came from and who trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parties {
    /// The checkout that placed it.
    pub(crate) checkout: CheckoutId,
    /// The payment that pays for it.
    pub(crate) payment: PaymentId,
    /// Who buys; the owner of the order.
    pub(crate) buyer: OrganisationId,
    /// Who sells.
    pub(crate) seller: OrganisationId,
}

/// One of the two who trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// Who pays.
    Buyer,
    /// Who delivers.
    Seller,
}

impl Party {
    /// Which of the two an organisation is; nothing when it is neither.
    pub(crate) fn of(organisation: OrganisationId, buyer: OrganisationId, seller: OrganisationId) -> Option<Self> {
        match organisation {
            one if one == buyer => Some(Self::Buyer),
            one if one == seller => Some(Self::Seller),
            _ => None,
        }
    }

    /// The refusal that the other one hears.
    pub(crate) const fn alone(self, act: &'static str) -> Refusal {
        let who = match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
        };
        Refusal::NotYours { who, act }
    }
}

/// Why an order is cancelled: a code for programs, and the words of whoever cancelled it, which never leave the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CancelReason {
    /// For programs.
    pub(crate) code: CancelCode,
    /// For people; may be empty.
    pub(crate) note: String,
}

kernel::named! {
    /// Why an order is cancelled.
    pub(crate) enum CancelCode {
        /// The buyer wished it.
        Buyer = "CANCELLED_BY_BUYER",
        /// The seller wished it.
        Seller = "CANCELLED_BY_SELLER",
        /// It was not paid in time.
        PaymentTimeout = "PAYMENT_TIMEOUT",
        /// Its payment was cancelled.
        PaymentCancelled = "PAYMENT_CANCELLED",
        /// It was paid, but there was nothing left to ship.
        OutOfStock = "OUT_OF_STOCK",
        /// The money was given back.
        Refunded = "REFUNDED",
        /// Every parcel came back to the seller, or never left.
        NotDelivered = "NOT_DELIVERED",
    }
}

impl Party {
    /// What the other orders of a checkout hear, and payment, when this one cancels one of them
    /// before payment. They are all the buyer's, but each seller is its own.
    pub(crate) const fn cancels_all_as(self) -> CancelCode {
        match self {
            Self::Buyer => CancelCode::Buyer,
            Self::Seller => CancelCode::PaymentCancelled,
        }
    }
}

/// Somebody wished it.
impl From<Party> for CancelCode {
    fn from(party: Party) -> Self {
        match party {
            Party::Buyer => Self::Buyer,
            Party::Seller => Self::Seller,
        }
    }
}

/// A reason without words.
impl From<CancelCode> for CancelReason {
    fn from(code: CancelCode) -> Self {
        Self { code, note: String::new() }
    }
}

impl Order {
    /// An order that is placed now.
    pub(crate) fn place(sale: Sale) -> Self {
        let mut order = Self::of(sale);
        order.timeline.step("placed", order.sale.parties.checkout, order.sale.created);
        order
    }

    /// An order of which nothing but its sale is known.
    fn of(sale: Sale) -> Self {
        Self {
            paid: None,
            cancel: None,
            timeline: Timeline::default(),
            updated: sale.created,
            state: State::Placed,
            sale,
        }
    }

    /// Where it stands.
    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// The one currency of all its money.
    pub(crate) fn currency(&self) -> Currency {
        self.total.currency()
    }

    /// Which side an organisation is on; nothing when it is on neither.
    pub(crate) fn party(&self, organisation: OrganisationId) -> Option<Party> {
        Party::of(organisation, self.parties.buyer, self.parties.seller)
    }

    /// An order in any state, as a row tells it: the rest is the row's to fill in. Only the store makes orders this way.
    pub(crate) fn restored(sale: Sale, state: State) -> Self {
        Self { state, ..Self::of(sale) }
    }

    /// Enters a state and files it in the timeline.
    pub(super) fn enter(&mut self, state: State, reference: impl ToString, at: Moment) {
        self.state = state;
        self.updated = at.now;
        self.timeline.step(state.name(), reference, at.happened);
    }

    /// Files what somebody else tells and changes nothing else.
    pub(super) fn note(&mut self, kind: &str, reference: impl ToString, detail: impl ToString, at: Moment) {
        self.timeline.hear(kind, reference, detail, at.happened);
    }
}
