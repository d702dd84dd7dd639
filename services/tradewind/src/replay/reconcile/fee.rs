//! The platform's fee, as whoever replays knows it: what the system under test charges is held against it.

use std::fmt;

use kernel::{Money, MoneyError};

use super::figures::amount;

/// What the platform keeps of goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FeeRate {
    basis_points: u32,
}

impl FeeRate {
    /// So many hundredths of a per cent.
    pub(crate) const fn of(basis_points: u32) -> Self {
        Self { basis_points }
    }

    /// The fee on goods of so many cents, rounded once as every line's is.
    pub(super) fn on(self, goods: i64) -> Result<i64, MoneyError> {
        amount(goods).basis_points(self.basis_points).map(Money::minor_units)
    }
}

impl fmt::Display for FeeRate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02} %", self.basis_points / 100, self.basis_points % 100)
    }
}

/// The fees that the lines of orders carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    goods: i64,
    fees: i64,
    /// How many lines carry another fee than the platform's.
    pub(super) unlike: i64,
}

impl Carried {
    /// Takes in a line: goods and the fee on them, in cents.
    pub(super) fn add(&mut self, goods: i64, fee: i64, rate: FeeRate) -> Result<(), MoneyError> {
        self.goods += goods;
        self.fees += fee;
        self.unlike += i64::from(rate.on(goods)? != fee);
        Ok(())
    }

    /// What the lines carry and what was expected; nothing when that is the same.
    pub(super) fn differs(self, expected: FeeRate) -> Option<String> {
        let (goods, fees) = (i128::from(self.goods), i128::from(self.fees));
        let rate = (fees * 10_000 + goods / 2).checked_div(goods)?;
        let rate = FeeRate::of(u32::try_from(rate).ok()?);
        (self.unlike > 0).then(|| {
            format!(
                "the orders carry fees of {} on goods of {}, about {rate}, and {expected} was expected: \
                 where that is not the platform's fee, tell it with --fee-basis-points",
                amount(self.fees),
                amount(self.goods)
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(lines: &[(i64, i64)], rate: FeeRate) -> Carried {
        let mut carried = Carried::default();
        for (goods, fee) in lines {
            carried.add(*goods, *fee, rate).unwrap();
        }
        carried
    }

    #[test]
    fn a_fee_is_rounded_as_a_line_rounds_it() {
        let rate = FeeRate::of(250);
        assert_eq!(
            [1_000, 5_890, 10_050, 1, 0].map(|goods| rate.on(goods).unwrap()),
            [25, 147, 251, 0, 0]
        );
        assert_eq!(
            (rate.to_string(), FeeRate::of(5).to_string()),
            ("2.50 %".to_owned(), "0.05 %".to_owned())
        );
    }

    #[test]
    fn a_fee_that_is_the_same_wrong_one_on_every_line_is_told() {
        let lines = [(10_000, 300), (5_890, 177)];
        let carried_at_250 = carried(&lines, FeeRate::of(250));
        assert_eq!(carried_at_250.unlike, 2);
        let told = carried_at_250.differs(FeeRate::of(250)).unwrap();
        assert!(
            told.starts_with("the orders carry fees of BRL 4.77 on goods of BRL 158.90, about 3.00 %, and 2.50 % was expected"),
            "{told}"
        );
        assert_eq!(carried(&lines, FeeRate::of(300)).differs(FeeRate::of(300)), None);
    }

    #[test]
    fn one_line_at_another_fee_is_enough() {
        let carried = carried(&[(100_000, 2_500), (100_000, 2_501)], FeeRate::of(250));
        assert_eq!(carried.unlike, 1);
        assert!(carried.differs(FeeRate::of(250)).is_some());
    }

    #[test]
    fn where_nothing_was_sold_no_fee_differs() {
        assert_eq!(Carried::default().differs(FeeRate::of(250)), None);
    }
}
