//! An order's money between payment and acceptance. It knows amounts only; whether and when is for order to decide.

use kernel::{Money, OrderId, OrganisationId, PaymentId, Time};

use super::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Escrow {
    pub(crate) order: OrderId,
    pub(crate) payment: PaymentId,
    pub(crate) buyer: OrganisationId,
    pub(crate) seller: OrganisationId,
    /// What was paid in.
    pub(crate) funded: Money,
    /// To the seller, the fee included.
    pub(crate) released: Money,
    /// Back to the buyer.
    pub(crate) refunded: Money,
    /// What the platform takes of a full release.
    pub(crate) fee: Money,
    pub(crate) created: Time,
}

impl Escrow {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn escrow(funded: i64, fee: i64) -> Escrow {
        let usd = |minor_units| Money::new(minor_units, "USD".parse().unwrap());
        let owner = OrganisationId::from_uuid(Uuid::nil());
        Escrow {
            order: OrderId::at(Time::default()),
            payment: PaymentId::at(Time::default()),
            buyer: owner,
            seller: owner,
            funded: usd(funded),
            released: usd(0),
            refunded: usd(0),
            fee: usd(fee),
            created: Time::default(),
        }
    }

    #[test]
    fn a_release_pays_the_seller_less_the_fee_once() {
        let mut escrow = escrow(1_000, 25);
        let (to_seller, fee) = escrow.release().unwrap().unwrap();
        assert_eq!((to_seller.minor_units(), fee.minor_units()), (975, 25));
        assert_eq!(escrow.release().unwrap(), None);
        assert_eq!(escrow.refund().unwrap(), None);
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
