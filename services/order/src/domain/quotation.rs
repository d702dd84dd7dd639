//! A quotation: a seller's price for one buyer, used once.

use kernel::{CheckoutId, Money, OrganisationId, QuotationId, Time, VariantId};
use serde::{Deserialize, Serialize};

use super::{Party, Refusal};

/// What a seller offers to one buyer until a time. A checkout takes it whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quotation {
    /// Its id.
    pub(crate) id: QuotationId,
    /// Who offers; the owner.
    pub(crate) seller: OrganisationId,
    /// To whom.
    pub(crate) buyer: OrganisationId,
    /// What, at what price.
    pub(crate) lines: Vec<QuotedLine>,
    /// The freight for all of it.
    pub(crate) freight: Money,
    /// Net lines plus freight.
    pub(crate) total: Money,
    /// From this time on it cannot be used.
    pub(crate) expires: Time,
    /// What the seller adds in words; may be empty.
    pub(crate) note: String,
    /// When it was made.
    pub(crate) created: Time,
    /// Where it stands.
    pub(crate) state: QuotationState,
}

/// A line of a quotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QuotedLine {
    /// What.
    pub(crate) variant: VariantId,
    /// Pieces; at least one.
    pub(crate) quantity: i64,
    /// What `unit_quantity` pieces cost.
    pub(crate) price: Money,
    /// At least one.
    pub(crate) unit_quantity: i64,
    /// The price of all pieces, rounded once.
    pub(crate) net: Money,
}

/// The states of a quotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuotationState {
    /// The buyer may use it.
    Open,
    /// A checkout holds it, or has used it up.
    Used {
        /// Which one.
        checkout: CheckoutId,
    },
    /// The buyer said no.
    Declined,
    /// The seller took it back.
    Withdrawn,
    /// Its time ran out.
    Expired,
}

impl QuotationState {
    /// Its name, as messages and the database write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used { .. } => "used",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The state that a row names.
    pub(crate) fn named(name: &str, checkout: Option<CheckoutId>) -> Option<Self> {
        Some(match name {
            "open" => Self::Open,
            "used" => Self::Used { checkout: checkout? },
            "declined" => Self::Declined,
            "withdrawn" => Self::Withdrawn,
            "expired" => Self::Expired,
            _ => return None,
        })
    }
}

/// What happened to a quotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuotationEvent {
    /// It was made.
    Created,
    /// A checkout took it.
    Used,
    /// The buyer said no.
    Declined,
    /// The seller took it back.
    Withdrawn,
    /// Its time ran out.
    Expired,
}

impl Quotation {
    /// A checkout takes it, whole.
    ///
    /// # Errors
    /// One that is not open, or whose time has come.
    pub(crate) fn take(&mut self, checkout: CheckoutId, now: Time) -> Result<QuotationEvent, Refusal> {
        self.must_be_open("used")?;
        if self.expires <= now {
            return Err(illegal("expired", "used"));
        }
        self.state = QuotationState::Used { checkout };
        Ok(QuotationEvent::Used)
    }

    /// The checkout that took it came to nothing: it is open again, if there is time left. Another checkout's word changes nothing.
    pub(crate) fn give_back(&mut self, from: CheckoutId, now: Time) -> Option<QuotationEvent> {
        match self.state {
            QuotationState::Used { checkout } if checkout == from => {
                self.state = QuotationState::Open;
                self.expire(now)
            }
            QuotationState::Open
            | QuotationState::Used { .. }
            | QuotationState::Declined
            | QuotationState::Withdrawn
            | QuotationState::Expired => None,
        }
    }

    /// Which side an organisation is on; nothing when it is on neither.
    pub(crate) fn party(&self, organisation: OrganisationId) -> Option<Party> {
        Party::of(organisation, self.buyer, self.seller)
    }

    /// The buyer says no.
    ///
    /// # Errors
    /// The seller, and one that is not open.
    pub(crate) fn decline(&mut self, by: Party) -> Result<QuotationEvent, Refusal> {
        if by != Party::Buyer {
            return Err(Party::Buyer.alone("decline a quotation"));
        }
        self.must_be_open("declined")?;
        self.state = QuotationState::Declined;
        Ok(QuotationEvent::Declined)
    }

    /// The seller takes it back.
    ///
    /// # Errors
    /// The buyer, and one that is not open.
    pub(crate) fn withdraw(&mut self, by: Party) -> Result<QuotationEvent, Refusal> {
        if by != Party::Seller {
            return Err(Party::Seller.alone("withdraw a quotation"));
        }
        self.must_be_open("withdrawn")?;
        self.state = QuotationState::Withdrawn;
        Ok(QuotationEvent::Withdrawn)
    }

    /// Time passes: an open quotation whose time has come ends. One that a checkout holds stays with it.
    pub(crate) fn expire(&mut self, now: Time) -> Option<QuotationEvent> {
        match self.state {
            QuotationState::Open if self.expires <= now => {
                self.state = QuotationState::Expired;
                Some(QuotationEvent::Expired)
            }
            QuotationState::Open
            | QuotationState::Used { .. }
            | QuotationState::Declined
            | QuotationState::Withdrawn
            | QuotationState::Expired => None,
        }
    }

    fn must_be_open(&self, attempt: &'static str) -> Result<(), Refusal> {
        match self.state {
            QuotationState::Open => Ok(()),
            from @ (QuotationState::Used { .. } | QuotationState::Declined | QuotationState::Withdrawn | QuotationState::Expired) => {
                Err(illegal(from.name(), attempt))
            }
        }
    }
}

fn illegal(from: &'static str, attempt: &'static str) -> Refusal {
    Refusal::IllegalQuotation {
        from,
        attempt,
        field: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{id, quotation};

    const SOON: Time = Time::from_micros(1);
    const LATE: Time = Time::from_micros(1_000_000);

    #[test]
    fn a_quotation_is_used_once() {
        let mut quotation = quotation(LATE);
        assert_eq!(quotation.take(id(1), SOON), Ok(QuotationEvent::Used));
        for attempt in [
            quotation.take(id(2), SOON),
            quotation.decline(Party::Buyer),
            quotation.withdraw(Party::Seller),
        ] {
            assert!(matches!(attempt, Err(Refusal::IllegalQuotation { from: "used", .. })));
        }
    }

    #[test]
    fn a_quotation_whose_time_has_come_cannot_be_used() {
        assert!(matches!(
            quotation(LATE).take(id(1), LATE),
            Err(Refusal::IllegalQuotation { from: "expired", .. })
        ));
    }

    #[test]
    fn a_failed_checkout_gives_it_back_while_there_is_time() {
        let mut quotation = quotation(LATE);
        quotation.take(id(1), SOON).unwrap();
        assert_eq!(quotation.give_back(id(2), SOON), None);
        assert_eq!(quotation.expire(LATE), None);
        assert_eq!(quotation.give_back(id(1), SOON), None);
        assert_eq!(quotation.state, QuotationState::Open);
        quotation.take(id(3), SOON).unwrap();
        assert_eq!(quotation.give_back(id(3), LATE), Some(QuotationEvent::Expired));
        assert_eq!(quotation.give_back(id(3), LATE), None);
    }

    #[test]
    fn what_is_over_stays_over() {
        for end in [
            |quotation: &mut Quotation| quotation.decline(Party::Buyer),
            |quotation: &mut Quotation| quotation.withdraw(Party::Seller),
        ] {
            let mut quotation = quotation(LATE);
            end(&mut quotation).unwrap();
            let state = quotation.state;
            assert!(quotation.take(id(1), SOON).is_err());
            assert_eq!(quotation.expire(LATE), None);
            assert_eq!(quotation.give_back(id(1), SOON), None);
            assert_eq!(quotation.state, state);
        }
    }
}
