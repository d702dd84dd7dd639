//! An order's money between payment and acceptance. It knows amounts only; whether and when is for order to decide.

use std::time::Duration;

use kernel::{Money, OrderId, OrganisationId, PaymentId, Time};

use super::{Refusal, intent::OrderAmount};

/// The money of one order, all of it in the currency of the payment that funded it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Escrow {
    /// The order, which has one escrow at most.
    pub(crate) order: OrderId,
    /// The payment that funded it.
    pub(crate) payment: PaymentId,
    /// Who paid, and gets refunds; the owner.
    pub(crate) buyer: OrganisationId,
    /// Who gets what is released.
    pub(crate) seller: OrganisationId,
    /// What was paid in, at once and as a whole.
    pub(crate) funded: Money,
    /// What the platform takes of a full release; at most what was paid in.
    pub(crate) fee: Money,
    /// When it was funded.
    pub(crate) created: Time,
    /// What went to the seller, the fee included.
    released: Money,
    /// What went back to the buyer.
    refunded: Money,
}

impl Escrow {
    /// An order's part of a payment, put in now; all of it is held.
    pub(crate) const fn fund(payment: PaymentId, buyer: OrganisationId, part: &OrderAmount, now: Time) -> Self {
        let nothing = Money::zero(part.amount.currency());
        Self {
            order: part.order,
            payment,
            buyer,
            seller: part.seller,
            funded: part.amount,
            fee: part.fee,
            created: now,
            released: nothing,
            refunded: nothing,
        }
    }

    /// An escrow out of which money went, as a row tells it. Only the store makes escrows this way.
    pub(crate) fn restored(self, released: Money, refunded: Money) -> Self {
        Self {
            released,
            refunded,
            ..self
        }
    }

    /// What went to the seller, the fee included.
    pub(crate) const fn released(&self) -> Money {
        self.released
    }

    /// What went back to the buyer.
    pub(crate) const fn refunded(&self) -> Money {
        self.refunded
    }

    /// What it still holds. Derived, never kept by hand.
    pub(crate) fn held(&self) -> Result<Money, Refusal> {
        Ok(self.funded.checked_sub(self.released)?.checked_sub(self.refunded)?)
    }

    /// Everything that is held goes to the seller: what goes to them, and the fee that stays. Nothing when nothing is held.
    pub(crate) fn release(&mut self) -> Result<Option<(Money, Money)>, Refusal> {
        let held = self.held()?;
        if !held.is_positive() {
            return Ok(None);
        }
        let fee = self.fee_of(held);
        self.released = self.released.checked_add(held)?;
        Ok(Some((held.checked_sub(fee)?, fee)))
    }

    /// Everything that is held goes back to the buyer. Nothing when nothing is held.
    pub(crate) fn refund(&mut self) -> Result<Option<Money>, Refusal> {
        let held = self.held()?;
        if !held.is_positive() {
            return Ok(None);
        }
        self.refunded = self.refunded.checked_add(held)?;
        Ok(Some(held))
    }

    /// The fee that was taken so far.
    pub(crate) fn fee_taken(&self) -> Money {
        self.fee_of(self.released)
    }

    /// The fee was agreed on for the whole; a part pays its share, never more than itself.
    fn fee_of(&self, part: Money) -> Money {
        if part == self.funded {
            return self.fee;
        }
        let whole = i128::from(self.funded.minor_units()).max(1);
        let share = i128::from(self.fee.minor_units()) * i128::from(part.minor_units()) / whole;
        Money::new(i64::try_from(share).unwrap_or(i64::MAX), part.currency())
    }
}

kernel::named! {
    /// How an escrow ends.
    pub(crate) enum Ending {
        /// The seller gets the money, less the fee.
        Release = "release",
        /// The buyer gets it back.
        Refund = "refund",
    }
}

/// How soon after an instruction its escrow is looked for.
const SOONEST: Duration = Duration::from_secs(1);

/// The longest wait between two looks.
const RAREST: Duration = Duration::from_secs(24 * 3_600);

/// What order has instructed about an escrow before there was one. The first one counts, as the first of two endings does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instruction {
    /// The order whose escrow is meant.
    pub(crate) order: OrderId,
    /// How it shall end.
    pub(crate) ending: Ending,
    /// Whether the escrow was there and has been ended so.
    pub(crate) carried_out: bool,
    /// When it was given.
    pub(crate) created: Time,
}

impl Instruction {
    /// One that is not carried out yet.
    pub(crate) const fn new(order: OrderId, ending: Ending, now: Time) -> Self {
        Self {
            order,
            ending,
            carried_out: false,
            created: now,
        }
    }

    /// When the escrow is to be looked for again: in the time that the instruction is old, so ever more rarely.
    pub(crate) fn look_at(&self, now: Time) -> Time {
        now.plus(now.since(self.created).clamp(SOONEST, RAREST))
    }

    /// The escrow is there now; how it ends, if that is not done yet.
    pub(crate) fn carry_out(&mut self) -> Option<Ending> {
        let waiting = !std::mem::replace(&mut self.carried_out, true);
        waiting.then_some(self.ending)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn escrow(funded: i64, fee: i64) -> Escrow {
        let usd = |minor_units| Money::new(minor_units, "USD".parse().unwrap());
        let (owner, now) = (OrganisationId::from_uuid(Uuid::nil()), Time::default());
        let part = OrderAmount {
            order: OrderId::at(now),
            seller: owner,
            amount: usd(funded),
            fee: usd(fee),
        };
        Escrow::fund(PaymentId::at(now), owner, &part, now)
    }

    #[test]
    fn a_release_pays_the_seller_less_the_fee_once() {
        let mut escrow = escrow(1_000, 25);
        let (to_seller, fee) = escrow.release().unwrap().unwrap();
        assert_eq!((to_seller.minor_units(), fee.minor_units()), (975, 25));
        assert_eq!(escrow.release().unwrap(), None);
        assert_eq!(escrow.refund().unwrap(), None);
    }

    #[test]
    fn an_instruction_is_carried_out_once_and_asked_for_ever_more_rarely() {
        let made = Time::default();
        let mut instruction = Instruction::new(OrderId::at(made), Ending::Release, made);
        let pause = |age: Duration| instruction.look_at(made.plus(age)).since(made.plus(age));
        assert_eq!(pause(Duration::ZERO), SOONEST);
        assert_eq!(pause(Duration::from_secs(600)), Duration::from_secs(600));
        assert_eq!(pause(RAREST * 7), RAREST);
        assert_eq!((instruction.carry_out(), instruction.carry_out()), (Some(Ending::Release), None));
    }

    proptest! {
        #[test]
        fn what_was_paid_in_is_held_released_or_refunded(funded in 1i64..1_000_000, fee_bp in 0i64..10_000, refund_first: bool) {
            let mut escrow = escrow(funded, funded * fee_bp / 10_000);
            if refund_first { escrow.refund().unwrap(); } else { escrow.release().unwrap(); }
            escrow.release().unwrap();
            escrow.refund().unwrap();
            let sum = escrow.held().unwrap().minor_units() + escrow.released.minor_units() + escrow.refunded.minor_units();
            prop_assert_eq!(sum, funded);
        }
    }
}
