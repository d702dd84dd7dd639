//! Reservations: what an order holds of its seller's stock, from checkout to shipment.
//!
//! ```text
//! Reserved ──pay──> Allocated ──ship──> Shipped
//!    │  ╲              │
//! release cancel     cancel            pay finds nothing left
//!    v      ╲          v                        v
//! Released ──╲──> Cancelled <──cancel── Unfulfilled
//!    └──pay──> Allocated or Unfulfilled
//! ```
//!
//! Facts of other services are total: every state takes every fact, so that duplicates, late ones and other
//! orders of arrival end in the same state. Cancelled and Shipped are final.

use kernel::{CheckoutId, Money, OrderId, OrganisationId, ShipmentId, Time, VariantId};
use serde::{Deserialize, Serialize};

use super::{Country, Demand, Event, Movement, MovementKind, Pick, Plan, Refusal, Shelf, Site, Sourced, Stock, Terms, Undone, stock_id};

/// An order and its parties, as order told them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The order.
    pub(crate) id: OrderId,
    /// The checkout that it came from.
    pub(crate) checkout: CheckoutId,
    /// Whose stock it takes.
    pub(crate) seller: OrganisationId,
    /// Where the goods go.
    pub(crate) buyer: OrganisationId,
}

/// Pieces that an order is for. A variant comes up once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// What.
    pub(crate) variant: VariantId,
    /// How many pieces; at least one.
    pub(crate) quantity: i64,
}

/// The states of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Held for a checkout, for a while.
    Reserved,
    /// Given back, or never held.
    Released,
    /// Held for a paid order, until it is shipped.
    Allocated,
    /// Paid, but there was nothing left to hold.
    Unfulfilled,
    /// Left the house.
    Shipped {
        /// How.
        shipment: ShipmentId,
    },
    /// Given back for good.
    Cancelled,
}

impl State {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Released => "released",
            Self::Allocated => "allocated",
            Self::Unfulfilled => "unfulfilled",
            Self::Shipped { .. } => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What one order holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    /// The order and its parties.
    pub(crate) order: Order,
    /// What it is for.
    pub(crate) lines: Vec<Line>,
    /// Where it goes, if that is known.
    pub(crate) to: Option<Country>,
    /// What it holds, or what it was shipped from, until that comes back.
    pub(crate) picks: Vec<Pick>,
    /// What was quoted; none when the freight was agreed already.
    pub(crate) freight: Option<Money>,
    /// When it was made. What carriers reported before that is about other parcels.
    pub(crate) created: Time,
    /// Its state.
    pub(crate) state: State,
}

impl Reservation {
    /// Takes a plan's picks off the shelf.
    ///
    /// # Errors
    /// Stock that does not fit the plan.
    pub(crate) fn reserve(order: Order, lines: Vec<Line>, to: Country, plan: Plan, shelf: &mut Shelf, now: Time) -> Result<Self, Undone> {
        shelf.move_all(order.seller, order.id, &plan.picks, Stock::reserve)?;
        Ok(Self {
            order,
            lines,
            to: Some(to),
            picks: plan.picks,
            freight: plan.freight,
            created: now,
            state: State::Reserved,
        })
    }

    /// An order that never reserved anything: what its facts meet when they come first.
    pub(crate) fn unknown(order: Order, lines: Vec<Line>, now: Time) -> Self {
        Self {
            order,
            lines,
            to: None,
            picks: Vec::new(),
            freight: None,
            created: now,
            state: State::Released,
        }
    }

    /// The checkout failed, was released, or took too long. What is paid stays.
    ///
    /// # Errors
    /// [`Undone`], nothing has changed then.
    pub(crate) fn release(&mut self, shelf: &mut Shelf) -> Result<Vec<Event>, Undone> {
        match self.state {
            State::Reserved => {
                self.give_back(shelf)?;
                self.state = State::Released;
                Ok(vec![Event::Released(self.order)])
            }
            State::Released | State::Allocated | State::Unfulfilled | State::Shipped { .. } | State::Cancelled => Ok(Vec::new()),
        }
    }

    /// The order was paid. If what it held was given back, it is taken again from these sites, if it can be had.
    ///
    /// # Errors
    /// [`Undone`], nothing has changed then.
    pub(crate) fn pay(&mut self, shelf: &mut Shelf, sites: &[Site]) -> Result<Vec<Event>, Undone> {
        match self.state {
            State::Reserved => Ok(vec![self.allocate(shelf)]),
            State::Released => {
                let demands: Vec<Demand> = self.lines.iter().map(demand).collect();
                let plan = match shelf.plan(self.order.seller, &demands, sites, Terms::Agreed { to: self.to })? {
                    Sourced::From(plan) if !plan.picks.is_empty() => plan,
                    Sourced::From(_) | Sourced::Short(_) => {
                        self.state = State::Unfulfilled;
                        return Ok(vec![Event::AllocationFailed(self.order)]);
                    }
                };
                shelf.move_all(self.order.seller, self.order.id, &plan.picks, Stock::reserve)?;
                self.picks = plan.picks;
                Ok(vec![self.allocate(shelf)])
            }
            State::Allocated | State::Unfulfilled | State::Shipped { .. } | State::Cancelled => Ok(Vec::new()),
        }
    }

    /// The order was cancelled. What has left the house is not called back.
    ///
    /// # Errors
    /// [`Undone`], nothing has changed then.
    pub(crate) fn cancel(&mut self, shelf: &mut Shelf) -> Result<Vec<Event>, Undone> {
        match self.state {
            State::Reserved | State::Allocated => {
                self.give_back(shelf)?;
                self.state = State::Cancelled;
                Ok(vec![Event::Released(self.order)])
            }
            State::Released | State::Unfulfilled => {
                self.state = State::Cancelled;
                Ok(Vec::new())
            }
            State::Shipped { .. } | State::Cancelled => Ok(Vec::new()),
        }
    }

    /// Somebody wants to cancel the order after payment: yes, unless it was handed over. Whoever asks again hears the same.
    ///
    /// # Errors
    /// [`Undone`], nothing has changed then.
    pub(crate) fn request_cancellation(&mut self, shelf: &mut Shelf) -> Result<Vec<Event>, Undone> {
        let mut events = self.cancel(shelf)?;
        events.push(match self.state {
            State::Shipped { .. } => Event::CancellationRefused(self.order),
            State::Reserved | State::Released | State::Allocated | State::Unfulfilled | State::Cancelled => {
                Event::CancellationAccepted(self.order)
            }
        });
        Ok(events)
    }

    /// Whether it can be shipped now.
    ///
    /// # Errors
    /// Not paid as far as we know, or given back for good, or shipped already.
    pub(crate) fn check_shippable(&self) -> Result<(), Refusal> {
        match self.state {
            State::Allocated => Ok(()),
            State::Reserved | State::Released => Err(Refusal::NotPaid),
            from @ (State::Unfulfilled | State::Shipped { .. } | State::Cancelled) => Err(Refusal::NotShippable { from: from.name() }),
        }
    }

    /// The allocated pieces leave the house.
    ///
    /// # Errors
    /// A state in which they may not, or [`Undone`]; nothing has changed then.
    pub(crate) fn ship(&mut self, shipment: ShipmentId, shelf: &mut Shelf) -> Result<(), Refusal> {
        self.check_shippable()?;
        shelf.move_all(self.order.seller, self.order.id, &self.picks, Stock::ship)?;
        self.state = State::Shipped { shipment };
        Ok(())
    }

    /// The whole shipment came back, or never left: what was shipped is on hand again, once.
    ///
    /// # Errors
    /// [`Undone`], nothing has changed then.
    pub(crate) fn take_back(&mut self, shelf: &mut Shelf) -> Result<(), Undone> {
        match self.state {
            State::Shipped { .. } => {
                shelf.move_all(self.order.seller, self.order.id, &self.picks, Stock::take_back)?;
                self.picks.clear();
                Ok(())
            }
            State::Reserved | State::Released | State::Allocated | State::Unfulfilled | State::Cancelled => Ok(()),
        }
    }

    fn allocate(&mut self, shelf: &mut Shelf) -> Event {
        for pick in &self.picks {
            shelf.note(Movement {
                stock: stock_id(self.order.seller, pick.variant),
                variant: pick.variant,
                warehouse: pick.warehouse,
                kind: MovementKind::Allocated,
                on_hand_change: 0,
                reserved_change: 0,
                order: Some(self.order.id),
                note: String::new(),
            });
        }
        self.state = State::Allocated;
        Event::Allocated(self.order)
    }

    fn give_back(&mut self, shelf: &mut Shelf) -> Result<(), Undone> {
        shelf.move_all(self.order.seller, self.order.id, &self.picks, Stock::release)?;
        self.picks.clear();
        Ok(())
    }
}

/// The freight was quoted long ago, so the weight does not matter any more.
fn demand(line: &Line) -> Demand {
    Demand {
        variant: line.variant,
        quantity: line.quantity,
        weight_mg: 0,
    }
}
