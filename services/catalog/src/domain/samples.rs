//! Sound nouns for tests to start from.

use kernel::{Currency, OrganisationId, ProductId, StoreId, Time, VariantId, uuid::Uuid};

use super::{Attribute, Listing, Product, State, Value, Variant, price, rating::Rating};

pub(crate) fn usd() -> Currency {
    "USD".parse().unwrap()
}

pub(crate) fn variant(sku: &str, option: &str) -> Variant {
    Variant {
        id: VariantId::derived(Uuid::nil(), sku),
        sku: sku.to_owned(),
        option_values: vec![option.to_owned()],
        gtin: None,
        tiers: price::tests::usd(&[(1, 250, 1)]).unwrap(),
        order_increment: 1,
        weight_mg: 5_000,
    }
}

pub(crate) fn listing() -> Listing {
    Listing {
        category: None,
        title: "Hex bolt".to_owned(),
        description: "Stainless steel".to_owned(),
        brand: "Acme".to_owned(),
        attributes: vec![Attribute {
            name: "material".to_owned(),
            value: Value::Text("A2".to_owned()),
        }],
        option_names: vec!["length".to_owned()],
        variants: vec![variant("HB-10", "10 mm"), variant("HB-20", "20 mm")],
    }
}

pub(crate) fn product() -> Product {
    let now = Time::from_micros(1_700_000_000_000_000);
    Product {
        id: ProductId::from_uuid(Uuid::from_u128(1)),
        shop: StoreId::from_uuid(Uuid::from_u128(2)),
        owner: OrganisationId::from_uuid(Uuid::from_u128(3)),
        state: State::Draft,
        listing: listing(),
        rating: Rating::default(),
        created: now,
        updated: now,
    }
}
