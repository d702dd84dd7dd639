//! Short names for the nouns that the domain's tests speak of.

use kernel::{CheckoutId, Currency, Money, OrderId, OrganisationId, VariantId, WarehouseId};
use uuid::Uuid;

use super::{Country, FreightRate, FreightTable, Site};

pub(crate) fn seller(number: u128) -> OrganisationId {
    OrganisationId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn variant(number: u128) -> VariantId {
    VariantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn warehouse(number: u128) -> WarehouseId {
    WarehouseId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn order(number: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn checkout(number: u128) -> CheckoutId {
    CheckoutId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn country(code: &str) -> Country {
    code.parse().unwrap()
}

pub(crate) fn usd() -> Currency {
    "USD".parse().unwrap()
}

/// A warehouse that ships everywhere for `base` and `per_kg` cents.
pub(crate) fn site(number: u128, place: &str, base: i64, per_kg: i64) -> Site {
    let rate = FreightRate::new(vec![], Money::new(base, usd()), Money::new(per_kg, usd())).unwrap();
    Site {
        warehouse: warehouse(number),
        country: country(place),
        freight: FreightTable::new(vec![rate]),
    }
}
