//! Products.

use prost::Message;
use proto::catalog::v1;
use runtime::{Violations, timestamp};
use store::Stored;

use super::{MOST_BYTES, attribute, review, variant};
use crate::domain::{Fault, Listing, Product, State};

/// The product as clients see it.
pub(crate) fn to_proto(product: &Stored<Product>) -> v1::Product {
    v1::Product {
        id: product.id.to_string(),
        store_id: product.shop.to_string(),
        owner_id: product.owner.to_string(),
        state: state(product.state).into(),
        etag: etag(product),
        create_time: Some(timestamp(product.created)),
        update_time: Some(timestamp(product.updated)),
        rating: review::rating(product.rating),
        ..listed(&product.listing)
    }
}

/// The entity tag of a product: its revision, and how many ratings it has. Whoever keeps a copy needs to know of both, whoever changes the
/// product of what its seller did only: nobody's change fails because somebody wrote a review meanwhile.
fn etag(product: &Stored<Product>) -> String {
    format!("{}.{}", revision(product), product.rating.count)
}

/// Counts what the seller did to a product. Each of its ratings is a version of its own, and all others are the seller's.
pub(crate) fn revision(product: &Stored<Product>) -> i64 {
    product.version() - product.rating.count
}

/// The revision that the caller has seen, by the entity tag in its request; the number of ratings may be left out.
pub(crate) fn revision_seen(check: &mut Violations, etag: &str) -> Option<i64> {
    let (revision, _) = etag.split_once('.').unwrap_or((etag, ""));
    check.etag("etag", revision)
}

/// The version that a product's entity tag names.
pub(crate) fn version_of(product: &v1::Product) -> i64 {
    let number = |text: &str| text.parse::<i64>().ok();
    let parts = product.etag.split_once('.');
    let sum = parts.and_then(|(revision, ratings)| Some(number(revision)? + number(ratings)?));
    sum.expect("our own entity tags of products are a revision and a number of ratings")
}

/// A product of which nothing is known but its listing.
fn listed(listing: &Listing) -> v1::Product {
    v1::Product {
        title: listing.title.clone(),
        description: listing.description.clone(),
        brand: listing.brand.clone(),
        attributes: listing.attributes.iter().map(attribute::to_proto).collect(),
        option_names: listing.option_names.clone(),
        variants: listing.variants.iter().map(variant::to_proto).collect(),
        category_id: listing.category.map_or_else(String::new, |category| category.to_string()),
        ..v1::Product::default()
    }
}

/// What is wrong with a listing that is too large: its larger list, for its texts alone are never too much.
pub(crate) fn oversize(listing: &Listing) -> Option<Fault> {
    let mut message = listed(listing);
    let whole = message.encoded_len();
    if whole <= MOST_BYTES {
        return None;
    }
    message.attributes.clear();
    let others = message.encoded_len();
    message.variants.clear();
    let field = if whole - others > others - message.encoded_len() {
        "attributes"
    } else {
        "variants"
    };
    let reason = format!("make the product take up {whole} bytes, and {MOST_BYTES} is the most");
    Some(Fault::new(field, reason))
}

const fn state(state: State) -> v1::ProductState {
    match state {
        State::Draft => v1::ProductState::Draft,
        State::Published => v1::ProductState::Published,
        State::Archived => v1::ProductState::Archived,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attribute, Tier, Value, Variant, price::PriceTiers, samples};

    fn fault(listing: &Listing) -> Option<String> {
        oversize(listing).map(|fault| fault.field)
    }

    #[test]
    fn a_listing_that_no_event_could_carry_names_what_makes_it_large() {
        let attributes = |count: usize, letters: usize| {
            let attribute = |number: usize| Attribute {
                name: format!("attribute {number}"),
                value: Value::Text("x".repeat(letters)),
            };
            Listing {
                attributes: (0..count).map(attribute).collect(),
                ..samples::listing()
            }
        };
        assert_eq!(fault(&attributes(250, 10_000)).as_deref(), Some("attributes"));
        assert_eq!(fault(&attributes(250, 900)), None);

        let variants = |letters: usize| {
            let variant = |number: usize| Variant {
                option_values: vec!["ж".repeat(letters); Listing::MOST_OPTIONS],
                ..samples::variant(&format!("SKU-{number}"), "")
            };
            Listing {
                variants: (0..Listing::MOST_VARIANTS).map(variant).collect(),
                ..samples::listing()
            }
        };
        assert_eq!(fault(&variants(100)).as_deref(), Some("variants"));
    }

    #[test]
    fn a_listing_may_have_all_variants_with_all_tiers() {
        let usd = samples::usd();
        let tier = |number: u64| Tier {
            min_quantity: number * 1_000,
            price: kernel::Money::new(100_000_000, usd),
            unit_quantity: 1_000,
        };
        let tiers = PriceTiers::new((1..=20).map(tier).collect()).unwrap();
        let variant = |number: usize| Variant {
            tiers: tiers.clone(),
            ..samples::variant(&format!("SKU-{number}"), "an option's value")
        };
        let listing = Listing {
            description: "x".repeat(20_000),
            variants: (0..Listing::MOST_VARIANTS).map(variant).collect(),
            ..samples::listing()
        };
        assert_eq!(fault(&listing), None);
    }
}
