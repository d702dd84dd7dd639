//! A product: a listing in a shop, and its way from draft to the market and off it.

use kernel::{OrganisationId, ProductId, StoreId, Time, VariantId};

use super::{Event, Listing, Refusal, Variant, rating::Rating};

/// A product as its shop has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Product {
    pub(crate) id: ProductId,
    pub(crate) shop: StoreId,
    pub(crate) owner: OrganisationId,
    pub(crate) state: State,
    pub(crate) listing: Listing,
    pub(crate) rating: Rating,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

kernel::named! {
    /// Whether the market sees a product.
    pub(crate) enum State {
        /// Being prepared; its seller sees it.
        Draft = "draft",
        /// On the market.
        Published = "published",
        /// Off the market, kept for the orders that name it.
        Archived = "archived",
    }
}

/// A step that a product cannot take from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a product that is {from} cannot be {attempt}", from = from.name())]
pub(crate) struct IllegalTransition {
    pub(crate) from: State,
    pub(crate) attempt: &'static str,
}

impl Product {
    /// Draft or archived to published.
    pub(crate) fn publish(&mut self, now: Time) -> Result<Event, IllegalTransition> {
        match self.state {
            State::Draft | State::Archived => {
                (self.state, self.updated) = (State::Published, now);
                Ok(Event::ProductPublished)
            }
            from @ State::Published => Err(IllegalTransition {
                from,
                attempt: "published",
            }),
        }
    }

    /// Off the market, or a draft put away.
    pub(crate) fn archive(&mut self, now: Time) -> Result<Event, IllegalTransition> {
        match self.state {
            State::Draft | State::Published => {
                (self.state, self.updated) = (State::Archived, now);
                Ok(Event::ProductArchived)
            }
            from @ State::Archived => Err(IllegalTransition { from, attempt: "archived" }),
        }
    }

    /// Says something else of the product; nothing happens when it is the same.
    pub(crate) fn revise(&mut self, listing: Listing, now: Time) -> Option<Event> {
        if self.listing == listing {
            return None;
        }
        (self.listing, self.updated) = (listing, now);
        Some(Event::ProductChanged)
    }

    /// The variant with this id, if the product still has it.
    pub(crate) fn variant(&self, id: VariantId) -> Option<&Variant> {
        self.listing.variants.iter().find(|variant| variant.id == id)
    }

    /// Refuses whoever is not its seller; to those who may not see it there is no such product.
    pub(crate) fn must_be_of(&self, organisation: OrganisationId) -> Result<(), Refusal> {
        if self.owner == organisation {
            Ok(())
        } else if self.is_visible_to(Some(organisation)) {
            Err(Refusal::Foreign("product"))
        } else {
            Err(Refusal::Unknown("product"))
        }
    }

    /// Whether this organisation may see it; nobody is `None`.
    pub(crate) fn is_visible_to(&self, organisation: Option<OrganisationId>) -> bool {
        match self.state {
            State::Published => true,
            State::Draft | State::Archived => organisation == Some(self.owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::samples::{listing, product};

    #[test]
    fn a_draft_reaches_the_market_leaves_it_and_comes_back() {
        let mut product = product();
        let now = product.created.plus(Duration::from_secs(1));
        assert_eq!(product.publish(now), Ok(Event::ProductPublished));
        assert_eq!(product.updated, now);
        assert_eq!(product.archive(now), Ok(Event::ProductArchived));
        assert_eq!(product.publish(now), Ok(Event::ProductPublished));
    }

    #[test]
    fn no_step_is_taken_twice() {
        let mut product = product();
        let now = product.created;
        product.archive(now).unwrap();
        let error = product.archive(now).unwrap_err();
        assert_eq!(error.to_string(), "a product that is archived cannot be archived");
        product.publish(now).unwrap();
        assert_eq!(product.publish(now).unwrap_err().from, State::Published);
    }

    #[test]
    fn the_same_words_again_are_no_change() {
        let mut product = product();
        let (listing, before) = (listing(), product.clone());
        assert_eq!(
            product.revise(product.listing.clone(), product.created.plus(Duration::from_secs(1))),
            None
        );
        assert_eq!(product, before);
        let other = Listing {
            title: "other".to_owned(),
            ..listing
        };
        assert_eq!(product.revise(other, product.created), Some(Event::ProductChanged));
    }

    #[test]
    fn only_its_seller_sees_what_is_not_on_the_market() {
        let mut product = product();
        let stranger = OrganisationId::from_uuid(kernel::uuid::Uuid::from_u128(99));
        assert!(product.is_visible_to(Some(product.owner)) && !product.is_visible_to(Some(stranger)) && !product.is_visible_to(None));
        product.publish(product.created).unwrap();
        assert!(product.is_visible_to(Some(stranger)) && product.is_visible_to(None));
    }

    proptest! {
        #[test]
        fn whatever_is_tried_the_state_changes_exactly_when_an_event_says_so(steps in prop::collection::vec(prop::bool::ANY, 0..20)) {
            let mut product = product();
            for publish in steps {
                let before = product.state;
                let now = product.updated;
                let outcome = if publish { product.publish(now) } else { product.archive(now) };
                prop_assert_eq!(outcome.is_ok(), product.state != before);
                prop_assert!(product.state != State::Draft || before == State::Draft, "nothing becomes a draft again");
            }
        }
    }
}
