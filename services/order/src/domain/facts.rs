//! What other services tell of an order. Facts are total: every state takes every one, as a change, a compensation, or as already known.
//!
//! Facts of different services overtake each other, and after a restore they are told again from the beginning. So a fact implies its past:
//! logistics ships only what was paid, and payment releases only what was accepted. An order that hears the later fact first catches up
//! with it, and the earlier one, when it comes, is known already.

use kernel::Money;

use super::{CancelCode, CancelReason, Event, Moment, Order, State};

impl Order {
    /// `payment.v1.escrow_funded`: the money is in escrow.
    pub(crate) fn funded(&mut self, at: Moment) -> Vec<Event> {
        match self.state {
            State::Placed => {
                self.pay(at);
                self.enter(State::Paid, self.parties.payment, at);
                vec![Event::Paid]
            }
            // It was closed unpaid and the money came all the same: it goes back, and the order stays cancelled, as everybody was told.
            State::Cancelled { refunded: false } if self.paid.is_none() => {
                self.pay(at);
                self.updated = at.now;
                self.note("paid", self.parties.payment, "", at);
                self.note(State::Refunding.name(), self.parties.payment, "", at);
                vec![Event::RefundRequested]
            }
            State::Paid
            | State::Cancelling
            | State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Completed
            | State::Refunding
            | State::Cancelled { .. } => {
                self.pay(at);
                self.note("paid", self.parties.payment, "", at);
                Vec::new()
            }
        }
    }

    /// `payment.v1.intent_cancelled`, or payment's answer that says the same: nobody will pay for it any more. The
    /// event has a code for all orders of the checkout; which of them was meant, by whom and in what words is known to
    /// whoever gets the answer, which may come before the event or after it.
    pub(crate) fn intent_cancelled(&mut self, reason: CancelReason, at: Moment) -> Vec<Event> {
        match self.state {
            State::Placed => {
                self.cancel = Some(reason);
                self.enter(State::Cancelled { refunded: false }, self.parties.payment, at);
                vec![Event::Cancelled]
            }
            State::Cancelled { .. } => {
                let says_less = |known: &CancelReason| {
                    let of_a_seller = (known.code, reason.code) == (CancelCode::PaymentCancelled, CancelCode::Seller);
                    known.note.is_empty() && (known.code == reason.code || of_a_seller)
                };
                if self.cancel.as_ref().is_some_and(says_less) {
                    self.cancel = Some(reason);
                }
                Vec::new()
            }
            State::Paid
            | State::Cancelling
            | State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Completed
            | State::Refunding => Vec::new(),
        }
    }

    /// `logistics.v1.allocation_failed`: it was paid, and there is nothing left to ship.
    pub(crate) fn allocation_failed(&mut self, at: Moment) -> Vec<Event> {
        self.will_not_leave("allocation_failed", CancelCode::OutOfStock, at)
    }

    /// `logistics.v1.cancellation_accepted`: the goods stay where they are.
    pub(crate) fn cancellation_accepted(&mut self, at: Moment) -> Vec<Event> {
        self.will_not_leave("cancellation_accepted", CancelCode::Buyer, at)
    }

    /// Logistics says of what has not left that it never will.
    fn will_not_leave(&mut self, told: &str, otherwise: CancelCode, at: Moment) -> Vec<Event> {
        match self.state {
            State::Placed | State::Paid | State::Cancelling => {
                self.note(told, "", "", at);
                self.request_refund(otherwise, at)
            }
            State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Completed
            | State::Refunding
            | State::Cancelled { .. } => Vec::new(),
        }
    }

    /// `logistics.v1.cancellation_refused`: the goods have left already, as logistics' next fact will tell.
    pub(crate) fn cancellation_refused(&mut self, at: Moment) -> Vec<Event> {
        match self.state {
            State::Cancelling => {
                self.cancel = None;
                self.state = State::Paid;
                self.updated = at.now;
            }
            State::Placed
            | State::Paid
            | State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Completed
            | State::Refunding
            | State::Cancelled { .. } => {}
        }
        self.note("cancellation_refused", "", "it was handed over already", at);
        Vec::new()
    }

    /// `logistics.v1.shipped`: a parcel was handed to a carrier.
    pub(crate) fn shipped(&mut self, shipment: &str, tracking_number: &str, at: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        match self.state {
            State::Placed | State::Paid | State::Cancelling => {
                events = self.catch_up_payment(at);
                self.cancel = None;
                self.state = State::Shipped {
                    accept_by: at.now.plus(self.windows.shipped),
                };
                self.updated = at.now;
                events.push(Event::Shipped);
            }
            State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Completed
            | State::Refunding
            | State::Cancelled { .. } => {}
        }
        self.note("shipped", shipment, tracking_number, at);
        events
    }

    /// `logistics.v1.delivered`: every parcel that left has arrived. The inspection
    /// window begins when we hear of it, so that nobody loses a part of it.
    pub(crate) fn delivered(&mut self, shipment: &str, at: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        match self.state {
            State::Placed | State::Paid | State::Cancelling | State::Shipped { .. } => {
                events = self.catch_up_payment(at);
                if !matches!(self.state, State::Shipped { .. }) {
                    events.push(Event::Shipped);
                }
                self.cancel = None;
                self.state = State::Delivered {
                    accept_by: at.now.plus(self.windows.inspection),
                };
                self.updated = at.now;
                events.push(Event::Delivered);
            }
            State::Delivered { .. } | State::Accepted | State::Completed | State::Refunding | State::Cancelled { .. } => {}
        }
        self.note("delivered", shipment, "", at);
        events
    }

    /// `logistics.v1.returned`: no parcel will arrive, and the goods are the seller's again. It was shipped, so no cancellation went
    /// before. What is accepted stays accepted: its money is the seller's.
    pub(crate) fn returned(&mut self, shipment: &str, at: Moment) -> Vec<Event> {
        self.note("returned", shipment, "", at);
        match self.state {
            State::Placed | State::Paid | State::Cancelling | State::Shipped { .. } | State::Delivered { .. } => {
                self.cancel = None;
                self.request_refund(CancelCode::NotDelivered, at)
            }
            State::Accepted | State::Completed | State::Refunding | State::Cancelled { .. } => Vec::new(),
        }
    }

    /// `logistics.v1.tracking_updated`: a carrier reported something on the way.
    pub(crate) fn tracked(&mut self, status: &str, shipment: &str, at: Moment) -> Vec<Event> {
        self.timeline.track(status, shipment, at.happened);
        Vec::new()
    }

    /// `catalog.v1.review_written`: one side of the trade said what it thinks of the other.
    pub(crate) fn reviewed(&mut self, review: &str, detail: &str, at: Moment) -> Vec<Event> {
        self.note("reviewed", review, detail, at);
        Vec::new()
    }

    /// `payment.v1.escrow_released`: the seller has the money.
    pub(crate) fn released(&mut self, at: Moment) -> Vec<Event> {
        match self.state {
            State::Placed
            | State::Paid
            | State::Cancelling
            | State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Refunding => {
                let mut events = self.catch_up_payment(at);
                self.cancel = None;
                self.enter(State::Completed, self.parties.payment, at);
                events.push(Event::Completed);
                events
            }
            State::Completed | State::Cancelled { .. } => Vec::new(),
        }
    }

    /// `payment.v1.escrow_refunded`: the buyer has the money back, all of it, for payment gives back whatever an escrow holds.
    pub(crate) fn refunded(&mut self, amount: Money, at: Moment) -> Vec<Event> {
        self.note("refunded", self.parties.payment, amount, at);
        match self.state {
            State::Placed
            | State::Paid
            | State::Cancelling
            | State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Refunding => {
                self.pay(at);
                self.cancel.get_or_insert_with(|| CancelCode::Refunded.into());
                self.enter(State::Cancelled { refunded: true }, self.parties.payment, at);
                vec![Event::Cancelled]
            }
            State::Cancelled { .. } => {
                self.state = State::Cancelled { refunded: true };
                Vec::new()
            }
            State::Completed => Vec::new(),
        }
    }

    fn pay(&mut self, at: Moment) {
        self.paid.get_or_insert(at.happened);
    }

    /// What could not have happened without payment.
    fn catch_up_payment(&mut self, at: Moment) -> Vec<Event> {
        let unpaid = self.state == State::Placed;
        self.pay(at);
        if unpaid { vec![Event::Paid] } else { Vec::new() }
    }

    /// The reason of whoever cancelled it stands; `otherwise` is the reason when nobody did.
    fn request_refund(&mut self, otherwise: CancelCode, at: Moment) -> Vec<Event> {
        self.pay(at);
        self.cancel.get_or_insert_with(|| otherwise.into());
        self.enter(State::Refunding, self.parties.payment, at);
        vec![Event::RefundRequested]
    }
}
