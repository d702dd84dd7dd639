//! Prices by quantity: tiers, and which of them a quantity reaches.

use kernel::{Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};

/// The price from a quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tier {
    /// The least quantity that has this price.
    pub(crate) min_quantity: u64,
    /// What `unit_quantity` pieces cost.
    pub(crate) price: Money,
    /// How many pieces the price is for: 1,000 for screws.
    pub(crate) unit_quantity: u64,
}

/// The tiers of a variant: at least one, by strictly ascending quantity, all in one currency, each dearer than nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<Tier>", try_from = "Vec<Tier>")]
pub(crate) struct PriceTiers(Vec<Tier>);

/// Why tiers do not make a price list: which of them, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidTiers {
    #[error("there must be 1 to {} tiers", PriceTiers::MOST)]
    Count,
    #[error("tier {0} does not begin above the one before it")]
    NotAscending(usize),
    #[error("tier {0} has another currency than the first")]
    Currency(usize),
    #[error("tier {0} is not positive in its quantities and price")]
    NotPositive(usize),
}

/// Why a quantity cannot be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unpriced {
    #[error("the minimum order quantity is {minimum}")]
    BelowMinimum { minimum: u64 },
    #[error("{0}")]
    Amount(#[from] MoneyError),
}

impl PriceTiers {
    /// More tiers than this help nobody.
    pub(crate) const MOST: usize = 20;

    pub(crate) fn new(tiers: Vec<Tier>) -> Result<Self, InvalidTiers> {
        let Some(first) = tiers.first().filter(|_| tiers.len() <= Self::MOST) else {
            return Err(InvalidTiers::Count);
        };
        for (place, tier) in tiers.iter().enumerate() {
            if tier.min_quantity == 0 || tier.unit_quantity == 0 || !tier.price.is_positive() {
                return Err(InvalidTiers::NotPositive(place));
            }
            if tier.price.currency() != first.price.currency() {
                return Err(InvalidTiers::Currency(place));
            }
            if place > 0 && tier.min_quantity <= tiers[place - 1].min_quantity {
                return Err(InvalidTiers::NotAscending(place));
            }
        }
        Ok(Self(tiers))
    }

    pub(crate) fn as_slice(&self) -> &[Tier] {
        &self.0
    }

    pub(crate) fn currency(&self) -> Currency {
        self.0[0].price.currency()
    }

    /// The minimum order quantity: where the first tier begins.
    pub(crate) fn minimum(&self) -> u64 {
        self.0[0].min_quantity
    }

    /// The tier of a quantity: the last one that it reaches.
    pub(crate) fn at(&self, quantity: u64) -> Option<&Tier> {
        let reached = self.0.partition_point(|tier| tier.min_quantity <= quantity);
        reached.checked_sub(1).map(|place| &self.0[place])
    }

    /// The tier of a quantity and what the quantity costs: rounded once, half to even.
    pub(crate) fn price(&self, quantity: u64) -> Result<(&Tier, Money), Unpriced> {
        let minimum = self.minimum();
        let tier = self.at(quantity).ok_or(Unpriced::BelowMinimum { minimum })?;
        let net = tier.price.for_quantity(quantity, tier.unit_quantity)?;
        Ok((tier, net))
    }
}

impl From<PriceTiers> for Vec<Tier> {
    fn from(tiers: PriceTiers) -> Self {
        tiers.0
    }
}

impl TryFrom<Vec<Tier>> for PriceTiers {
    type Error = InvalidTiers;

    fn try_from(tiers: Vec<Tier>) -> Result<Self, InvalidTiers> {
        Self::new(tiers)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tiers of (minimum, minor units, unit quantity) in US dollars.
    pub(crate) fn usd(tiers: &[(u64, i64, u64)]) -> Result<PriceTiers, InvalidTiers> {
        let usd = "USD".parse().unwrap();
        let tier = |&(min_quantity, minor_units, unit_quantity): &(u64, i64, u64)| Tier {
            min_quantity,
            price: Money::new(minor_units, usd),
            unit_quantity,
        };
        PriceTiers::new(tiers.iter().map(tier).collect())
    }

    #[test]
    fn a_quantity_pays_the_last_tier_that_it_reaches() {
        let tiers = usd(&[(10, 500, 1), (100, 450, 1), (1_000, 400_000, 1_000)]).unwrap();
        let net = |quantity| tiers.price(quantity).map(|(_, net)| net.minor_units());
        assert_eq!(net(9), Err(Unpriced::BelowMinimum { minimum: 10 }));
        assert_eq!(net(10), Ok(5_000));
        assert_eq!(net(99), Ok(49_500));
        assert_eq!(net(100), Ok(45_000));
        assert_eq!(net(1_001), Ok(400_400));
    }

    #[test]
    fn tiers_that_make_no_price_list_are_refused() {
        assert_eq!(usd(&[]), Err(InvalidTiers::Count));
        assert_eq!(usd(&[(5, 100, 1), (5, 90, 1)]), Err(InvalidTiers::NotAscending(1)));
        assert_eq!(usd(&[(5, 100, 1), (6, 0, 1)]), Err(InvalidTiers::NotPositive(1)));
        assert_eq!(usd(&[(0, 100, 1)]), Err(InvalidTiers::NotPositive(0)));
        assert_eq!(usd(&[(1, 100, 0)]), Err(InvalidTiers::NotPositive(0)));
        let mixed = [("USD", 1), ("EUR", 2)].map(|(code, min_quantity)| Tier {
            min_quantity,
            price: Money::new(1, code.parse().unwrap()),
            unit_quantity: 1,
        });
        assert_eq!(PriceTiers::new(mixed.to_vec()), Err(InvalidTiers::Currency(1)));
    }

    #[test]
    fn an_amount_beyond_64_bits_is_refused() {
        let tiers = usd(&[(1, i64::MAX, 1)]).unwrap();
        assert_eq!(tiers.price(2).map(|(_, net)| net), Err(Unpriced::Amount(MoneyError::Overflow)));
    }

    fn any_tiers() -> impl Strategy<Value = PriceTiers> {
        prop::collection::btree_map(1u64..100_000, (1i64..10_000_000, 1u64..10_000), 1..=PriceTiers::MOST)
            .prop_map(|tiers| usd(&tiers.into_iter().map(|(min, (price, unit))| (min, price, unit)).collect::<Vec<_>>()).unwrap())
    }

    proptest! {
        #[test]
        fn no_quantity_gets_a_tier_that_it_does_not_reach(tiers in any_tiers(), quantity in 1u64..200_000) {
            match tiers.price(quantity) {
                Err(unpriced) => {
                    prop_assert!(quantity < tiers.minimum());
                    prop_assert_eq!(unpriced, Unpriced::BelowMinimum { minimum: tiers.minimum() });
                }
                Ok((tier, _)) => {
                    prop_assert!(tier.min_quantity <= quantity);
                    let next = tiers.as_slice().iter().find(|other| other.min_quantity > tier.min_quantity);
                    prop_assert!(next.is_none_or(|next| quantity < next.min_quantity));
                }
            }
        }

        #[test]
        fn a_line_is_rounded_once_and_by_no_more_than_half(tiers in any_tiers(), quantity in 1u64..200_000) {
            if let Ok((tier, net)) = tiers.price(quantity) {
                let exact = i128::from(tier.price.minor_units()) * i128::from(quantity);
                let unit = i128::from(tier.unit_quantity);
                let off = (i128::from(net.minor_units()) * unit - exact).abs() * 2;
                prop_assert!(off <= unit);
                prop_assert!(off < unit || net.minor_units() % 2 == 0, "a tie goes to the even side");
            }
        }
    }
}
