//! Reviews of buyers. A completed order invites its seller to review the buyer.

use kernel::{OrderId, OrganisationId, ReviewId, Time};

use super::{Event, rating::Stars, review::Unsaid};

/// The review of an order's buyer, from the invitation on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BuyerReview {
    pub(crate) id: ReviewId,
    pub(crate) seller: OrganisationId,
    pub(crate) buyer: OrganisationId,
    pub(crate) order: OrderId,
    /// Absent while the seller is invited and has said nothing yet.
    pub(crate) verdict: Option<Verdict>,
}

/// What the seller says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) stars: Stars,
    pub(crate) text: String,
    pub(crate) at: Time,
}

impl BuyerReview {
    /// The review of this order's buyer: an order always has the same one.
    pub(crate) fn id_of(order: OrderId) -> ReviewId {
        ReviewId::derived(order, "buyer")
    }

    /// The seller's words.
    pub(crate) fn write(&mut self, verdict: Verdict) -> Result<Event, Unsaid> {
        match self.verdict {
            None => {
                self.verdict = Some(verdict);
                Ok(Event::ReviewWritten)
            }
            Some(_) => Err(Unsaid::BuyerAlreadyReviewed),
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::uuid::Uuid;

    use super::*;

    #[test]
    fn the_buyer_of_an_order_is_reviewed_once() {
        let order = OrderId::from_uuid(Uuid::from_u128(1));
        let mut review = BuyerReview {
            id: BuyerReview::id_of(order),
            seller: OrganisationId::from_uuid(Uuid::from_u128(2)),
            buyer: OrganisationId::from_uuid(Uuid::from_u128(3)),
            order,
            verdict: None,
        };
        let verdict = |stars| Verdict {
            stars: Stars::new(stars).unwrap(),
            text: "Paid at once".to_owned(),
            at: Time::default(),
        };
        assert_eq!(review.write(verdict(5)), Ok(Event::ReviewWritten));
        assert_eq!(review.write(verdict(1)), Err(Unsaid::BuyerAlreadyReviewed));
        assert_eq!(review.verdict, Some(verdict(5)));
    }
}
