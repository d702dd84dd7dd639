//! Freight tables between protos and the domain.

use std::collections::HashMap;

use proto::logistics::v1::FreightRate as FreightRateMessage;
use runtime::{Violations, money};

use crate::domain::{Country, FreightRate, FreightTable, MOST_RATES};

/// The table that a request gives; every bad field of every rate is named.
pub(super) fn parse(check: &mut Violations, rates: &[FreightRateMessage]) -> FreightTable {
    check.require(
        rates.len() <= MOST_RATES,
        "freight_rates",
        &format!("must have at most {MOST_RATES} rates"),
    );
    let rates = rates.iter().take(MOST_RATES).enumerate();
    let mut seen = HashMap::new();
    FreightTable::new(
        rates
            .filter_map(|(place, rate)| parse_rate(check, &mut seen, place, rate))
            .collect(),
    )
}

/// `seen` says which rate names which country first, and which holds for all. A second one would never hold.
fn parse_rate(
    check: &mut Violations,
    seen: &mut HashMap<Option<Country>, usize>,
    place: usize,
    rate: &FreightRateMessage,
) -> Option<FreightRate> {
    let field = format!("freight_rates[{place}]");
    check.require(
        rate.countries.len() <= MOST_RATES,
        &format!("{field}.countries"),
        &format!("must have at most {MOST_RATES} countries"),
    );
    let countries = rate
        .countries
        .iter()
        .take(MOST_RATES)
        .enumerate()
        .filter_map(|(number, code)| check.parse::<Country>(&format!("{field}.countries[{number}]"), code));
    let countries: Vec<Country> = countries.collect();
    let mut once = |field: &str, country: Option<Country>| {
        if let Some(first) = seen.insert(country, place) {
            let what = country.map_or("every country".to_owned(), |country| country.to_string());
            check.add(field, format!("has {what}, as freightRates[{first}] has already"));
        }
    };
    if rate.countries.is_empty() {
        once(&format!("{field}.countries"), None);
    }
    for country in &countries {
        once(&format!("{field}.countries"), Some(*country));
    }
    let base = check.money_or_nothing(&format!("{field}.base"), rate.base.as_ref());
    let per_kg = check.money_or_nothing(&format!("{field}.per_kg"), rate.per_kg.as_ref());
    let amounts = base
        .zip(per_kg)
        .filter(|(base, per_kg)| !base.is_negative() && !per_kg.is_negative());
    let (base, per_kg) = amounts?;
    FreightRate::new(countries, base, per_kg)
        .map_err(|error| check.add(field, error.to_string()))
        .ok()
}

/// The table as the protos show it.
pub(super) fn present(table: &FreightTable) -> Vec<FreightRateMessage> {
    let rates = table.rates().iter().map(|rate| FreightRateMessage {
        countries: rate.countries().iter().map(Country::to_string).collect(),
        base: Some(money(rate.base())),
        per_kg: Some(money(rate.per_kg())),
    });
    rates.collect()
}
