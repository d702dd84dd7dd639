//! Freight tables: what a parcel costs from a warehouse to a country.

use kernel::{Currency, Money};
use serde::{Deserialize, Serialize};

use super::Country;

/// How many rates a table may have.
pub(crate) const MOST_RATES: usize = 300;

/// Milligrams in a kilogram, the unit that freight is charged by.
const KILOGRAM: i128 = 1_000_000;

/// What a parcel to some countries costs: `base`, and `per_kg` for each kilogram begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FreightRate {
    countries: Vec<Country>,
    base: Money,
    per_kg: Money,
}

/// Why a rate is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidRate {
    /// An amount below nothing.
    #[error("must not be negative")]
    Negative,
    /// Base and weight are charged in different currencies.
    #[error("base and perKg must have the same currency")]
    Currencies,
}

/// Why a parcel has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoQuote {
    /// No rate names the destination.
    #[error("there is no freight rate for this parcel")]
    NoRate,
    /// The weight takes the price beyond what can be paid.
    #[error("the freight is more than can be paid")]
    TooMuch,
    /// The rate is in another currency than the checkout.
    #[error("the freight rate is in another currency")]
    OtherCurrency,
}

impl FreightRate {
    /// A rate for these countries; for every country when there are none.
    ///
    /// # Errors
    /// Negative amounts, or two currencies.
    pub(crate) fn new(countries: Vec<Country>, base: Money, per_kg: Money) -> Result<Self, InvalidRate> {
        if base.is_negative() || per_kg.is_negative() {
            return Err(InvalidRate::Negative);
        }
        if base.currency() != per_kg.currency() {
            return Err(InvalidRate::Currencies);
        }
        Ok(Self { countries, base, per_kg })
    }

    /// Where it holds; everywhere when empty.
    pub(crate) fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// What each parcel costs.
    pub(crate) fn base(&self) -> Money {
        self.base
    }

    /// What each kilogram begun costs on top.
    pub(crate) fn per_kg(&self) -> Money {
        self.per_kg
    }

    fn holds_for(&self, country: Country) -> bool {
        self.countries.is_empty() || self.countries.contains(&country)
    }

    fn price(&self, weight_mg: i128) -> Option<Money> {
        let kilograms = u64::try_from((weight_mg + KILOGRAM - 1) / KILOGRAM).ok()?;
        let weight = self.per_kg.for_quantity(kilograms, 1).ok()?;
        self.base.checked_add(weight).ok().filter(|price| price.is_payable())
    }
}

/// What parcels to one destination cost, found once and asked for each parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tariff<'a> {
    /// Nothing, in this currency.
    Free(Currency),
    /// What this rate says.
    Rate(&'a FreightRate),
}

impl Tariff<'_> {
    /// What a parcel of this weight costs.
    ///
    /// # Errors
    /// A price beyond what can be paid.
    pub(crate) fn price(self, weight_mg: i128) -> Result<Money, NoQuote> {
        match self {
            Self::Free(currency) => Ok(Money::zero(currency)),
            Self::Rate(rate) => rate.price(weight_mg).ok_or(NoQuote::TooMuch),
        }
    }
}

/// A warehouse's rates, in their order. The first that holds for the destination decides; a table without rates ships free of charge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FreightTable(Vec<FreightRate>);

impl FreightTable {
    /// A table of these rates.
    pub(crate) fn new(rates: Vec<FreightRate>) -> Self {
        Self(rates)
    }

    /// The rates in their order.
    pub(crate) fn rates(&self) -> &[FreightRate] {
        &self.0
    }

    /// What parcels to this country cost, in the checkout's currency.
    ///
    /// # Errors
    /// No rate for the destination, or one in another currency.
    pub(crate) fn tariff(&self, to: Country, currency: Currency) -> Result<Tariff<'_>, NoQuote> {
        if self.0.is_empty() {
            return Ok(Tariff::Free(currency));
        }
        let rate = self.0.iter().find(|rate| rate.holds_for(to)).ok_or(NoQuote::NoRate)?;
        if rate.base.currency() == currency {
            Ok(Tariff::Rate(rate))
        } else {
            Err(NoQuote::OtherCurrency)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor_units: i64, currency: &str) -> Money {
        Money::new(minor_units, currency.parse().unwrap())
    }

    fn rate(countries: &[&str], base: i64, per_kg: i64, currency: &str) -> FreightRate {
        let countries = countries.iter().map(|code| code.parse().unwrap()).collect();
        FreightRate::new(countries, money(base, currency), money(per_kg, currency)).unwrap()
    }

    fn quote(table: &FreightTable, to: &str, weight_mg: i128) -> Result<Money, NoQuote> {
        table.tariff(to.parse().unwrap(), "USD".parse().unwrap())?.price(weight_mg)
    }

    #[test]
    fn each_kilogram_begun_is_charged() {
        let table = FreightTable::new(vec![rate(&["DE"], 500, 100, "USD")]);
        for (weight_mg, price) in [(0, 500), (1, 600), (1_000_000, 600), (1_000_001, 700), (2_500_000, 800)] {
            assert_eq!(quote(&table, "DE", weight_mg), Ok(money(price, "USD")), "{weight_mg} mg");
        }
    }

    #[test]
    fn the_first_rate_that_names_the_destination_holds() {
        let table = FreightTable::new(vec![
            rate(&["DE", "FR"], 500, 0, "USD"),
            rate(&["FR"], 1, 0, "USD"),
            rate(&["CN"], 9, 0, "CNY"),
            rate(&[], 900, 0, "USD"),
        ]);
        assert_eq!(quote(&table, "FR", 1), Ok(money(500, "USD")));
        assert_eq!(quote(&table, "BR", 1), Ok(money(900, "USD")));
        assert_eq!(quote(&table, "CN", 1), Err(NoQuote::OtherCurrency));
    }

    #[test]
    fn a_table_without_the_destination_does_not_ship_there() {
        assert_eq!(
            quote(&FreightTable::new(vec![rate(&["DE"], 5, 0, "USD")]), "FR", 1),
            Err(NoQuote::NoRate)
        );
    }

    #[test]
    fn a_warehouse_without_rates_ships_free_of_charge() {
        assert_eq!(quote(&FreightTable::default(), "FR", 1), Ok(money(0, "USD")));
    }

    #[test]
    fn a_price_beyond_what_can_be_paid_is_no_price() {
        let quoted = |per_kg| quote(&FreightTable::new(vec![rate(&[], 0, per_kg, "USD")]), "FR", 2_000_000);
        let half = Money::MOST_PAYABLE / 2;
        assert_eq!(quoted(half), Ok(money(Money::MOST_PAYABLE, "USD")));
        for per_kg in [half + 1, i64::MAX] {
            assert_eq!(quoted(per_kg), Err(NoQuote::TooMuch));
        }
    }

    #[test]
    fn a_rate_is_neither_negative_nor_of_two_currencies() {
        assert_eq!(
            FreightRate::new(vec![], money(-1, "USD"), money(0, "USD")),
            Err(InvalidRate::Negative)
        );
        assert_eq!(
            FreightRate::new(vec![], money(1, "USD"), money(1, "EUR")),
            Err(InvalidRate::Currencies)
        );
    }

    proptest! {
        #[test]
        fn a_heavier_parcel_is_never_cheaper(base in 0i64..10_000, per_kg in 0i64..10_000, light in 0i128..1 << 40, more in 0i128..1 << 40) {
            let table = FreightTable::new(vec![rate(&[], base, per_kg, "USD")]);
            let price = |weight| quote(&table, "DE", weight).unwrap().minor_units();
            prop_assert!(price(light) <= price(light + more));
            prop_assert_eq!(price(light) - base, i64::try_from((light + 999_999) / 1_000_000).unwrap() * per_kg);
        }
    }
}
