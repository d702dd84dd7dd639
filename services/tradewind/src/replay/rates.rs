//! The platform's fee rate, as what it sold tells it.

use kernel::{Money, MoneyError};

use super::figures::amount;

/// All rates there can be, in hundredths of a per cent.
const ALL: std::ops::RangeInclusive<u32> = 0..=10_000;

/// The rates that explain every fee seen so far.
pub(super) struct Rates(Vec<u32>);

impl Default for Rates {
    fn default() -> Self {
        Self(ALL.collect())
    }
}

impl Rates {
    /// Takes in the fee, in cents, on goods of so many cents. One that no rate of the others explains is left to be found out.
    pub(super) fn see(&mut self, goods: i64, fee: i64) {
        let explains = |rate: &u32| fee_on(goods, *rate).is_ok_and(|explained| explained == fee);
        let left: Vec<u32> = self.0.iter().copied().filter(explains).collect();
        if !left.is_empty() {
            self.0 = left;
        }
    }

    /// The roundest rate that is left, for so are rates agreed.
    pub(super) fn rate(&self) -> u32 {
        let roundest = [100, 50, 25, 10, 5].into_iter().find_map(|step| {
            let mut left = self.0.iter();
            left.find(|rate| **rate % step == 0)
        });
        roundest.or(self.0.first()).copied().unwrap_or_default()
    }
}

/// The fee on goods of so many cents at a rate.
pub(super) fn fee_on(goods: i64, rate: u32) -> Result<i64, MoneyError> {
    amount(goods).basis_points(rate).map(Money::minor_units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(seen: &[(i64, i64)]) -> Rates {
        let mut rates = Rates::default();
        for (goods, fee) in seen {
            rates.see(*goods, *fee);
        }
        rates
    }

    #[test]
    fn a_rate_is_found_from_fees_that_were_rounded() {
        assert_eq!(rates(&[(1_000, 25), (5_890, 147), (10_050, 251)]).rate(), 250);
        assert_eq!(rates(&[(1, 0), (99_999, 0)]).rate(), 0);
        assert_eq!(rates(&[(1_234_567, 4_074)]).rate(), 33);
    }

    #[test]
    fn a_fee_that_is_unlike_the_others_does_not_change_the_rate() {
        assert_eq!(rates(&[(100_000, 2_500), (100_000, 2_501), (200_000, 5_000)]).rate(), 250);
    }
}
