//! What people and time may do to an order.

use kernel::Time;

use super::{CancelCode, CancelReason, Event, Moment, Order, Party, Refusal, State};

impl Order {
    /// A party wants out after payment. Logistics says whether the goods have left already; before payment
    /// it is payment that must be asked, because money may be on its way.
    ///
    /// # Errors
    /// Every state but Paid.
    pub(crate) fn cancel(&mut self, by: Party, note: String, now: Time) -> Result<Event, Refusal> {
        match self.state {
            State::Paid => {
                let code = CancelCode::from(by);
                self.cancel = Some(CancelReason { code, note });
                self.enter(State::Cancelling, code.name(), Moment::here(now));
                Ok(Event::CancellationRequested)
            }
            State::Placed
            | State::Cancelling
            | State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Completed
            | State::Refunding
            | State::Cancelled { .. } => Err(self.illegal("cancelled")),
        }
    }

    /// Whether it was called off unpaid, for all we know at this party's wish.
    /// Whoever asks for that again, because the answer was lost, has it.
    pub(crate) fn was_called_off(&self, by: Party) -> bool {
        let code = self.cancel.as_ref().map(|reason| reason.code);
        let at_their_wish = [Some(by.into()), Some(by.cancels_all_as())].contains(&code);
        self.state == State::Cancelled { refunded: false } && self.paid.is_none() && at_their_wish
    }

    /// The buyer has the goods and is content. Allowed from hand-over on: a carrier may forget to report a delivery.
    ///
    /// # Errors
    /// The seller, and every state but Shipped and Delivered.
    pub(crate) fn accept(&mut self, by: Party, now: Time) -> Result<Event, Refusal> {
        match (by, self.state) {
            (Party::Seller, _) => Err(Party::Buyer.alone("accept an order")),
            (Party::Buyer, State::Shipped { .. } | State::Delivered { .. }) => {
                self.enter(State::Accepted, "buyer", Moment::here(now));
                Ok(Event::Accepted)
            }
            (
                Party::Buyer,
                State::Placed
                | State::Paid
                | State::Cancelling
                | State::Accepted
                | State::Completed
                | State::Refunding
                | State::Cancelled { .. },
            ) => Err(self.illegal("accepted")),
        }
    }

    /// The time to inspect it, or to wait for it to be delivered, is over. Before that, and where no window runs, nothing happens.
    pub(crate) fn run_out(&mut self, now: Time) -> Option<Event> {
        match self.state {
            State::Shipped { accept_by } | State::Delivered { accept_by } if accept_by <= now => {
                self.enter(State::Accepted, "time", Moment::here(now));
                Some(Event::Accepted)
            }
            State::Placed
            | State::Paid
            | State::Cancelling
            | State::Shipped { .. }
            | State::Delivered { .. }
            | State::Accepted
            | State::Completed
            | State::Refunding
            | State::Cancelled { .. } => None,
        }
    }

    fn illegal(&self, attempt: &'static str) -> Refusal {
        Refusal::IllegalOrder {
            from: self.state.name(),
            attempt,
        }
    }
}
