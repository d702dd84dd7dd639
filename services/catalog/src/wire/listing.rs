//! What sellers say of products.

use kernel::{CategoryId, Time, VariantId};
use proto::catalog::v1;
use runtime::Violations;

use super::{attribute, variant};
use crate::domain::Listing;

/// The fields of a request that make up a listing, whichever request it is.
pub(crate) struct Words<'a> {
    /// What precedes the fields' names, such as "product.".
    pub(crate) prefix: &'static str,
    pub(crate) category_id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) brand: &'a str,
    pub(crate) attributes: &'a [v1::Attribute],
    pub(crate) option_names: &'a [String],
    pub(crate) variants: &'a [v1::Variant],
}

impl Words<'_> {
    /// The listing that they make, field by field; what holds among the fields is
    /// the listing's own to check. Variants without an id get one of `now`.
    pub(crate) fn listing(&self, check: &mut Violations, known: &[VariantId], now: Time) -> Listing {
        let field = |name: &str| format!("{}{name}", self.prefix);
        let option_names = self.option_names.iter().enumerate();
        Listing {
            category: check.optional_id::<CategoryId>(&field("category_id"), self.category_id),
            title: check.text(&field("title"), self.title, 1..=500),
            description: check.text(&field("description"), self.description, 0..=20_000),
            brand: check.text(&field("brand"), self.brand, 0..=200),
            attributes: attribute::from_proto(check, &field("attributes"), self.attributes),
            option_names: option_names
                .map(|(place, name)| check.text(&format!("{}[{place}]", field("option_names")), name, 1..=100))
                .collect(),
            variants: variant::from_proto(check, &field("variants"), self.variants, known, now),
        }
    }
}
