//! From a product to its document.

use kernel::{CategoryId, ProductId};
use proto::catalog::v1::{self, attribute::Value};
use tantivy::{TantivyDocument, schema::OwnedValue};

use super::schema::Fields;
use crate::wire::summary;

/// A product as the index is to have it.
pub(crate) struct Entry {
    pub(crate) id: ProductId,
    pub(crate) version: i64,
    pub(crate) product: v1::Product,
    /// Its category and all above it.
    pub(crate) path: Vec<CategoryId>,
}

/// The document of a product at a version.
pub(super) fn of(fields: &Fields, entry: &Entry) -> TantivyDocument {
    let Entry {
        id,
        version,
        product,
        path,
    } = entry;
    let mut document = TantivyDocument::default();
    let (high, low) = id.uuid().as_u64_pair();
    document.add_bytes(fields.id, id.uuid().as_bytes());
    document.add_u64(fields.id_high, high);
    document.add_u64(fields.id_low, low);
    document.add_i64(fields.version, *version);
    let live = product.state() == v1::ProductState::Published;
    document.add_bool(fields.live, live);
    if live {
        describe(fields, &mut document, product, path);
    }
    document
}

fn describe(fields: &Fields, document: &mut TantivyDocument, product: &v1::Product, path: &[CategoryId]) {
    document.add_text(fields.text, &product.title);
    document.add_text(fields.text, &product.description);
    document.add_text(fields.names, &product.brand);
    document.add_text(fields.store, &product.store_id);
    if !product.brand.is_empty() {
        document.add_text(fields.brand, &product.brand);
    }
    for category in path {
        document.add_text(fields.category, category.to_string());
    }
    for variant in &product.variants {
        document.add_text(fields.names, &variant.sku);
        for value in &variant.option_values {
            document.add_text(fields.attributes, value);
        }
    }
    let mut facets = std::collections::BTreeMap::new();
    for attribute in &product.attributes {
        document.add_text(fields.attributes, spoken(attribute));
        facets.insert(attribute.name.clone(), OwnedValue::Str(written(attribute)));
    }
    document.add_object(fields.facets, facets);
    if let Some((tier, price)) = summary::from_price(product) {
        document.add_text(fields.currency, &price.currency);
        document.add_i64(fields.price, summary::per_piece(tier, price));
    }
}

/// What is searched of an attribute: its value, or its name when that is all that it says.
fn spoken(attribute: &v1::Attribute) -> String {
    match &attribute.value {
        Some(Value::Flag(true)) => attribute.name.replace('_', " "),
        Some(Value::Flag(false)) | None => String::new(),
        Some(Value::Text(_) | Value::Number(_)) => written(attribute),
    }
}

/// An attribute's value as buyers filter by it: "A2", "8 mm", "true".
fn written(attribute: &v1::Attribute) -> String {
    match &attribute.value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Number(number)) if attribute.unit.is_empty() => number.to_string(),
        Some(Value::Number(number)) => format!("{number} {}", attribute.unit),
        Some(Value::Flag(flag)) => flag.to_string(),
        None => String::new(),
    }
}
