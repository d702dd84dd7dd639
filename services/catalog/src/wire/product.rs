//! Products.

use proto::catalog::v1;
use runtime::timestamp;
use store::{Fact, Stored};

use super::{attribute, review, variant};
use crate::domain::{Event, Product, State};

/// The product as clients see it.
pub(crate) fn to_proto(product: &Stored<Product>) -> v1::Product {
    let listing = &product.listing;
    v1::Product {
        id: product.id.to_string(),
        store_id: product.shop.to_string(),
        owner_id: product.owner.to_string(),
        title: listing.title.clone(),
        description: listing.description.clone(),
        brand: listing.brand.clone(),
        attributes: listing.attributes.iter().map(attribute::to_proto).collect(),
        option_names: listing.option_names.clone(),
        variants: listing.variants.iter().map(variant::to_proto).collect(),
        state: state(product.state).into(),
        etag: product.etag(),
        create_time: Some(timestamp(product.created)),
        update_time: Some(timestamp(product.updated)),
        category_id: listing.category.map_or_else(String::new, |category| category.to_string()),
        rating: review::rating(product.rating),
    }
}

const fn state(state: State) -> v1::ProductState {
    match state {
        State::Draft => v1::ProductState::Draft,
        State::Published => v1::ProductState::Published,
        State::Archived => v1::ProductState::Archived,
    }
}

/// What happened to a product, with the product.
pub(crate) fn fact(event: Event, product: &Product, message: &v1::Product) -> Fact {
    let body = v1::ProductChanged {
        product: Some(message.clone()),
    };
    Fact::new(event.subject(), product.id, [product.owner], &body)
}
