//! Stores.

use proto::catalog::v1;
use runtime::{Violations, timestamp};
use store::Stored;

use crate::domain::{Shop, Window};

/// The store as clients see it.
pub(crate) fn to_proto(shop: &Stored<Shop>) -> v1::Store {
    v1::Store {
        id: shop.id.to_string(),
        owner_id: shop.owner.to_string(),
        name: shop.window.name.clone(),
        description: shop.window.description.clone(),
        country: shop.window.country.clone(),
        currency: shop.currency.code().to_owned(),
        tax_basis_points: i32::try_from(shop.window.tax_basis_points).expect("at most 100 per cent"),
        etag: shop.etag(),
        create_time: Some(timestamp(shop.created)),
        update_time: Some(timestamp(shop.updated)),
    }
}

/// What an owner says of a store, under this prefix of field names.
pub(crate) fn window(check: &mut Violations, prefix: &str, name: &str, description: &str, country: &str, tax: i32) -> Window {
    let tax_field = format!("{prefix}tax_basis_points");
    check.require((0..=10_000).contains(&tax), &tax_field, "must be between 0 and 10,000 (100 %)");
    Window {
        name: check.line(&format!("{prefix}name"), name, 1..=200),
        description: check.text(&format!("{prefix}description"), description, 0..=5_000),
        country: check.country(&format!("{prefix}country"), country),
        tax_basis_points: tax.unsigned_abs().min(10_000),
    }
}
