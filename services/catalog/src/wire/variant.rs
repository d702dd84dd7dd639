//! Variants and their prices.

use kernel::{Time, VariantId};
use proto::catalog::v1;
use runtime::{Violations, money};

use super::within;
use crate::domain::{PriceTiers, Tier, Variant, price::InvalidTiers};

/// The largest quantity that there is.
const MOST: i64 = 1_000_000_000_000;

pub(crate) fn to_proto(variant: &Variant) -> v1::Variant {
    v1::Variant {
        id: variant.id.to_string(),
        sku: variant.sku.clone(),
        option_values: variant.option_values.clone(),
        gtin: variant.gtin.as_ref().map_or_else(String::new, |gtin| gtin.as_str().to_owned()),
        price_tiers: variant.tiers.as_slice().iter().map(tier).collect(),
        order_increment: signed(variant.order_increment),
        weight_mg: variant.weight_mg,
    }
}

fn tier(tier: &Tier) -> v1::PriceTier {
    v1::PriceTier {
        min_quantity: signed(tier.min_quantity),
        price: Some(money(tier.price)),
        unit_quantity: signed(tier.unit_quantity),
    }
}

/// Quantities are checked to be far below the end of 64 bits.
pub(crate) fn signed(quantity: u64) -> i64 {
    i64::try_from(quantity).expect("a quantity was checked when it came in")
}

/// The variants of a request; those without an id get one of `now`. `known` are the ids that may be named. Bad ones are named and left out.
pub(crate) fn from_proto(check: &mut Violations, list: &str, variants: &[v1::Variant], known: &[VariantId], now: Time) -> Vec<Variant> {
    let parse = |(place, variant): (usize, &v1::Variant)| {
        let field = |name: &str| within(list, place, name);
        let sku = check.text(&field("sku"), &variant.sku, 1..=100);
        let id = match check.optional_id::<VariantId>(&field("id"), &variant.id) {
            Some(id) => {
                check.require(
                    known.contains(&id),
                    &field("id"),
                    "is no variant of this product; a new one comes without an id",
                );
                id
            }
            None => VariantId::at(now),
        };
        let option_values = variant.option_values.iter().enumerate();
        let option_values = option_values
            .map(|(value, text)| check.text(&format!("{}[{value}]", field("option_values")), text, 1..=100))
            .collect();
        let gtin = match variant.gtin.as_str() {
            "" => None,
            text => text.parse().map_err(|error| check.add(field("gtin"), format!("{error}"))).ok(),
        };
        let order_increment = one_when_zero(check, &field("order_increment"), variant.order_increment);
        check.require(
            (0..=i64::MAX / 1_000_000).contains(&variant.weight_mg),
            &field("weight_mg"),
            "must be between 0 and 9,223,372,036,854",
        );
        let tiers = tiers(check, &field("price_tiers"), &variant.price_tiers)?;
        // Or else nobody could order the minimum. What is no increment at all was refused already.
        check.require(
            tiers.minimum().is_multiple_of(order_increment) || !(0..=MOST).contains(&variant.order_increment),
            &field("price_tiers[0].min_quantity"),
            &format!("must be a multiple of the order increment, {order_increment}"),
        );
        Some(Variant {
            id,
            sku,
            option_values,
            gtin,
            tiers,
            order_increment,
            weight_mg: variant.weight_mg,
        })
    };
    variants.iter().enumerate().filter_map(parse).collect()
}

fn tiers(check: &mut Violations, list: &str, tiers: &[v1::PriceTier]) -> Option<PriceTiers> {
    let parse = |(place, tier): (usize, &v1::PriceTier)| {
        let field = |name: &str| within(list, place, name);
        let min_quantity = check.quantity(&field("min_quantity"), tier.min_quantity);
        let unit_quantity = one_when_zero(check, &field("unit_quantity"), tier.unit_quantity);
        let price = check.positive_money(&field("price"), tier.price.as_ref())?;
        Some(Tier {
            min_quantity,
            price,
            unit_quantity,
        })
    };
    let parsed: Vec<Tier> = tiers.iter().enumerate().filter_map(parse).collect();
    if parsed.len() < tiers.len() {
        return None;
    }
    let (field, reason) = match PriceTiers::new(parsed) {
        Ok(tiers) => return Some(tiers),
        Err(error @ InvalidTiers::Count) => (list.to_owned(), error.to_string()),
        Err(InvalidTiers::NotAscending(place)) => (within(list, place, "min_quantity"), "must be above the tier before it".to_owned()),
        Err(InvalidTiers::Currency(place)) => (within(list, place, "price.currency"), "must be that of the first tier".to_owned()),
        // Its fields were named one by one already.
        Err(InvalidTiers::NotPositive(_)) => return None,
    };
    check.add(field, reason);
    None
}

fn one_when_zero(check: &mut Violations, field: &str, quantity: i64) -> u64 {
    check.quantity(field, if quantity == 0 { 1 } else { quantity })
}
