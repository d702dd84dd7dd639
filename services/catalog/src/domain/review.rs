//! Reviews of what was bought. A completed order invites its buyer to review each line; what was not bought cannot be reviewed.

use kernel::{OrderId, OrganisationId, ProductId, ReviewId, Time, VariantId};

use super::{Event, rating::Stars};

/// The review of one line of a completed order, from the invitation on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Review {
    pub(crate) id: ReviewId,
    pub(crate) buyer: OrganisationId,
    pub(crate) seller: OrganisationId,
    pub(crate) order: OrderId,
    pub(crate) product: ProductId,
    pub(crate) variant: VariantId,
    pub(crate) stage: Stage,
}

/// How far a review has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// The order is completed, and its buyer has said nothing yet.
    Invited,
    Written(Opinion),
    Answered(Opinion, Reply),
}

/// What the buyer says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Opinion {
    pub(crate) product: Stars,
    pub(crate) seller: Stars,
    pub(crate) text: String,
    pub(crate) at: Time,
}

/// What the seller says to that.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) at: Time,
}

/// What cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsaid {
    #[error("this line of the order is reviewed already")]
    AlreadyWritten,
    #[error("this review is answered already")]
    AlreadyAnswered,
    #[error("there is no review to answer yet")]
    NotWritten,
    #[error("the buyer of this order is reviewed already")]
    BuyerAlreadyReviewed,
}

impl Review {
    /// The review of this line: an order line always has the same one.
    pub(crate) fn id_of(order: OrderId, variant: VariantId) -> ReviewId {
        ReviewId::derived(order, &variant.to_string())
    }

    /// The buyer's words.
    pub(crate) fn write(&mut self, opinion: Opinion) -> Result<Event, Unsaid> {
        match self.stage {
            Stage::Invited => {
                self.stage = Stage::Written(opinion);
                Ok(Event::ReviewWritten)
            }
            Stage::Written(_) | Stage::Answered(..) => Err(Unsaid::AlreadyWritten),
        }
    }

    /// The seller's words.
    pub(crate) fn answer(&mut self, reply: Reply) -> Result<Event, Unsaid> {
        match &self.stage {
            Stage::Invited => Err(Unsaid::NotWritten),
            Stage::Written(opinion) => {
                self.stage = Stage::Answered(opinion.clone(), reply);
                Ok(Event::ReviewAnswered)
            }
            Stage::Answered(..) => Err(Unsaid::AlreadyAnswered),
        }
    }

    /// What the buyer said, if anything.
    pub(crate) fn opinion(&self) -> Option<&Opinion> {
        match &self.stage {
            Stage::Invited => None,
            Stage::Written(opinion) | Stage::Answered(opinion, _) => Some(opinion),
        }
    }

    /// What the seller said to that, if anything.
    pub(crate) fn reply(&self) -> Option<&Reply> {
        match &self.stage {
            Stage::Invited | Stage::Written(_) => None,
            Stage::Answered(_, reply) => Some(reply),
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::uuid::Uuid;

    use super::*;

    #[test]
    fn a_line_is_reviewed_once_and_answered_once_in_that_order() {
        let uuid = Uuid::from_u128;
        let (order, variant) = (OrderId::from_uuid(uuid(1)), VariantId::from_uuid(uuid(2)));
        let mut review = Review {
            id: Review::id_of(order, variant),
            buyer: OrganisationId::from_uuid(uuid(3)),
            seller: OrganisationId::from_uuid(uuid(4)),
            order,
            product: ProductId::from_uuid(uuid(5)),
            variant,
            stage: Stage::Invited,
        };
        let at = Time::default();
        let opinion = Opinion {
            product: Stars::new(5).unwrap(),
            seller: Stars::new(3).unwrap(),
            text: "Good".to_owned(),
            at,
        };
        let reply = Reply {
            text: "Thanks".to_owned(),
            at,
        };
        assert_eq!(review.answer(reply.clone()), Err(Unsaid::NotWritten));
        assert_eq!(review.write(opinion.clone()), Ok(Event::ReviewWritten));
        assert_eq!(review.write(opinion.clone()), Err(Unsaid::AlreadyWritten));
        assert_eq!(review.answer(reply.clone()), Ok(Event::ReviewAnswered));
        assert_eq!(review.answer(reply.clone()), Err(Unsaid::AlreadyAnswered));
        assert_eq!(review.write(opinion.clone()), Err(Unsaid::AlreadyWritten));
        assert_eq!((review.opinion(), review.reply()), (Some(&opinion), Some(&reply)));
    }
}
