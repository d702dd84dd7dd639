//! Money in minor units. Checked integers only; no float comes near it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Currency;

/// An amount in a currency's minor units: `{1250, USD}` is USD 12.50.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor_units: i64,
    currency: Currency,
}

/// Why two amounts do not make a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit into 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// The currencies differ.
    #[error("{0} and {1} do not add up")]
    Currencies(Currency, Currency),
    /// A division by zero units, or a split by weights that are all zero.
    #[error("nothing to divide by")]
    Zero,
}

impl Money {
    /// The most, in minor units, that is paid or sent at once: more comes from nobody's card or bank,
    /// and an account takes thousands of them before its 64 bits are full.
    pub const MOST_PAYABLE: i64 = 1_000_000_000_000_000;

    /// So many minor units of a currency.
    pub const fn new(minor_units: i64, currency: Currency) -> Self {
        Self { minor_units, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    pub const fn minor_units(self) -> i64 {
        self.minor_units
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is greater than zero.
    pub const fn is_positive(self) -> bool {
        self.minor_units > 0
    }

    /// Whether it is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.minor_units < 0
    }

    /// Whether it can be paid at once; see [`Money::MOST_PAYABLE`].
    pub const fn is_payable(self) -> bool {
        self.minor_units <= Self::MOST_PAYABLE
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.minor_units == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// Different currencies, or a sum beyond 64 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor_units
            .checked_add(other.minor_units)
            .map(|sum| Self::new(sum, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// As [`Money::checked_add`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor_units
            .checked_sub(other.minor_units)
            .map(|rest| Self::new(rest, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The sum of many amounts; nothing when there are none.
    ///
    /// # Errors
    /// As [`Money::checked_add`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// What `quantity` pieces cost when `self` is the price of `unit_quantity`: rounded once, half to even.
    ///
    /// # Errors
    /// `unit_quantity` of zero, or a result beyond 64 bits.
    pub fn for_quantity(self, quantity: u64, unit_quantity: u64) -> Result<Self, MoneyError> {
        let exact = i128::from(self.minor_units)
            .checked_mul(i128::from(quantity))
            .ok_or(MoneyError::Overflow)?;
        self.rounded(exact, i128::from(unit_quantity))
    }

    /// So many hundredths of a per cent of it, rounded half to even: 250 basis points are 2.5 %.
    ///
    /// # Errors
    /// A result beyond 64 bits.
    pub fn basis_points(self, basis_points: u32) -> Result<Self, MoneyError> {
        self.rounded(i128::from(self.minor_units) * i128::from(basis_points), 10_000)
    }

    /// Splits by weights so that the parts add up to the whole: largest remainder first, the earlier part where remainders are equal.
    ///
    /// # Errors
    /// Weights that are all zero.
    pub fn split(self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        if total == 0 {
            return Err(MoneyError::Zero);
        }
        let exact: Vec<i128> = weights
            .iter()
            .map(|weight| i128::from(self.minor_units) * i128::from(*weight))
            .collect();
        let mut parts: Vec<i64> = exact.iter().map(|part| (part.div_euclid(total)) as i64).collect();
        let missing = self.minor_units - parts.iter().sum::<i64>();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|&part| std::cmp::Reverse(exact[part].rem_euclid(total)));
        for &part in order.iter().take(missing as usize) {
            parts[part] += 1;
        }
        Ok(parts.into_iter().map(|part| Self::new(part, self.currency)).collect())
    }

    fn rounded(self, numerator: i128, denominator: i128) -> Result<Self, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::Zero);
        }
        let (quotient, remainder) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
        let up = match (remainder * 2).cmp(&denominator) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => quotient & 1,
            std::cmp::Ordering::Greater => 1,
        };
        i64::try_from(quotient + up)
            .map(|minor_units| Self::new(minor_units, self.currency))
            .map_err(|_| MoneyError::Overflow)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Currencies(self.currency, other.currency))
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.is_negative() { "-" } else { "" };
        let digits = format!("{:0width$}", self.minor_units.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let point = if exponent == 0 { "" } else { "." };
        write!(out, "{} {sign}{whole}{point}{fraction}", self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(minor_units: i64) -> Money {
        Money::new(minor_units, "USD".parse().unwrap())
    }

    #[test]
    fn money_is_written_with_its_own_exponent() {
        let written = |minor_units, code: &str| Money::new(minor_units, code.parse().unwrap()).to_string();
        assert_eq!(written(1250, "USD"), "USD 12.50");
        assert_eq!(written(-5, "USD"), "USD -0.05");
        assert_eq!(written(1250, "JPY"), "JPY 1250");
        assert_eq!(written(1250, "BHD"), "BHD 1.250");
    }

    #[test]
    fn a_price_per_thousand_is_rounded_once_and_half_to_even() {
        assert_eq!(usd(120).for_quantity(2_500, 1_000), Ok(usd(300)));
        assert_eq!(usd(1).for_quantity(500, 1_000), Ok(usd(0)));
        assert_eq!(usd(1).for_quantity(1_500, 1_000), Ok(usd(2)));
        assert_eq!(usd(1).for_quantity(2_500, 1_000), Ok(usd(2)));
        assert_eq!(usd(1).for_quantity(1, 0), Err(MoneyError::Zero));
        assert_eq!(usd(i64::MAX).for_quantity(2, 1), Err(MoneyError::Overflow));
    }

    #[test]
    fn different_currencies_do_not_add_up() {
        assert!(matches!(
            usd(1).checked_add(Money::zero("EUR".parse().unwrap())),
            Err(MoneyError::Currencies(..))
        ));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_split_add_up_to_the_whole(amount in -1_000_000_000i64..1_000_000_000, weights in prop::collection::vec(0u64..1_000_000, 1..20)) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let parts = usd(amount).split(&weights).unwrap();
            prop_assert_eq!(Money::sum("USD".parse().unwrap(), parts.iter().copied()).unwrap(), usd(amount));
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = amount as f64 * *weight as f64 / weights.iter().sum::<u64>() as f64;
                prop_assert!((part.minor_units() as f64 - exact).abs() < 1.0 + 1e-6);
            }
        }

        #[test]
        fn rounding_is_never_off_by_more_than_half(amount in -1_000_000_000i64..1_000_000_000, quantity in 0u64..1_000_000, unit in 1u64..10_000) {
            let total = i128::from(usd(amount).for_quantity(quantity, unit).unwrap().minor_units());
            let off = (total * i128::from(unit) - i128::from(amount) * i128::from(quantity)).abs();
            prop_assert!(off * 2 <= i128::from(unit));
        }
    }
}
