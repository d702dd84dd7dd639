//! What a variant costs a buyer at a quantity, or why it cannot be sold.

use kernel::{Money, VariantId};

use super::{Product, State, Variant, price::Unpriced};

/// A line that can be sold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offer<'a> {
    pub(crate) variant: &'a Variant,
    /// Absent for a quoted line, which has its price elsewhere.
    pub(crate) price: Option<LinePrice>,
}

/// The price of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LinePrice {
    /// What `unit_quantity` pieces cost at this quantity.
    pub(crate) price: Money,
    pub(crate) unit_quantity: u64,
    /// What the line costs, rounded once.
    pub(crate) net: Money,
}

/// Why a line cannot be sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsold {
    #[error("there is no such variant")]
    UnknownVariant,
    #[error("the product is not on the market")]
    NotPublished,
    #[error("the minimum order quantity is {minimum}")]
    BelowMinimum { minimum: u64 },
    #[error("the quantity must be a multiple of {increment}")]
    NotAMultiple { increment: u64 },
    #[error("so few pieces cost less than the smallest amount of money")]
    AmountTooSmall,
    #[error("so many pieces cost more than can be paid")]
    AmountTooLarge,
}

impl Product {
    /// What so many pieces of a variant cost. A quoted line is bound to nothing but that the product is on the market.
    pub(crate) fn offer(&self, variant: VariantId, quantity: u64, quoted: bool) -> Result<Offer<'_>, Unsold> {
        let variant = self.variant(variant).ok_or(Unsold::UnknownVariant)?;
        match self.state {
            State::Published => {}
            State::Draft | State::Archived => return Err(Unsold::NotPublished),
        }
        if quoted {
            return Ok(Offer { variant, price: None });
        }
        let (tier, net) = variant.tiers.price(quantity).map_err(|unpriced| match unpriced {
            Unpriced::BelowMinimum { minimum } => Unsold::BelowMinimum { minimum },
            Unpriced::Amount(_) => Unsold::AmountTooLarge,
        })?;
        if !quantity.is_multiple_of(variant.order_increment) {
            let increment = variant.order_increment;
            return Err(Unsold::NotAMultiple { increment });
        }
        if !net.is_positive() {
            return Err(Unsold::AmountTooSmall);
        }
        if !net.is_payable() {
            return Err(Unsold::AmountTooLarge);
        }
        let (price, unit_quantity) = (tier.price, tier.unit_quantity);
        Ok(Offer {
            variant,
            price: Some(LinePrice { price, unit_quantity, net }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{price::tests::usd, samples::product};

    fn published() -> (Product, VariantId) {
        let mut product = product();
        product.listing.variants[0].tiers = usd(&[(10, 120, 1_000), (1_000, 100, 1_000)]).unwrap();
        product.listing.variants[0].order_increment = 5;
        product.publish(product.created).unwrap();
        let variant = product.listing.variants[0].id;
        (product, variant)
    }

    #[test]
    fn a_line_pays_its_tier_per_so_many_pieces() {
        let (product, variant) = published();
        let price = product.offer(variant, 2_500, false).unwrap().price.unwrap();
        assert_eq!(
            (price.price.minor_units(), price.unit_quantity, price.net.minor_units()),
            (100, 1_000, 250)
        );
    }

    #[test]
    fn a_line_that_cannot_be_sold_says_why() {
        let (mut product, variant) = published();
        assert_eq!(product.offer(variant, 9, false), Err(Unsold::BelowMinimum { minimum: 10 }));
        assert_eq!(product.offer(variant, 12, false), Err(Unsold::NotAMultiple { increment: 5 }));
        let other = VariantId::from_uuid(kernel::uuid::Uuid::nil());
        assert_eq!(product.offer(other, 10, false), Err(Unsold::UnknownVariant));
        product.archive(product.created).unwrap();
        assert_eq!(product.offer(variant, 10, false), Err(Unsold::NotPublished));
        assert_eq!(product.offer(variant, 10, true), Err(Unsold::NotPublished));
    }

    #[test]
    fn what_rounds_to_nothing_is_not_given_away() {
        let (mut product, variant) = published();
        product.listing.variants[0].tiers = usd(&[(1, 120, 1_000)]).unwrap();
        product.listing.variants[0].order_increment = 1;
        assert_eq!(product.offer(variant, 4, false), Err(Unsold::AmountTooSmall));
        assert_eq!(product.offer(variant, 5, false).unwrap().price.unwrap().net.minor_units(), 1);
        assert_eq!(product.offer(variant, 4, true).unwrap().price, None);
    }

    #[test]
    fn what_nobody_can_pay_is_not_sold() {
        let (mut product, variant) = published();
        product.listing.variants[0].tiers = usd(&[(1, Money::MOST_PAYABLE / 2, 1)]).unwrap();
        product.listing.variants[0].order_increment = 1;
        assert_eq!(
            product.offer(variant, 2, false).unwrap().price.unwrap().net.minor_units(),
            Money::MOST_PAYABLE
        );
        for pieces in [3, 1_000_000] {
            assert_eq!(product.offer(variant, pieces, false), Err(Unsold::AmountTooLarge));
        }
    }

    #[test]
    fn a_quoted_line_is_bound_to_no_minimum_and_has_no_price_here() {
        let (product, variant) = published();
        assert_eq!(product.offer(variant, 3, true).unwrap().price, None);
    }
}
