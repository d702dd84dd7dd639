//! What the lines of a basket cost, or why they cannot be sold. Only order asks.

use std::{collections::HashMap, sync::Arc};

use ::store::Stored;
use kernel::{ProductId, StoreId, VariantId};
use proto::catalog::v1::{LineRefusal, LineToPrice, PriceLinesRequest, PriceLinesResponse, PricedLine};
use runtime::{Violations, money};
use tonic::Status;

use super::Api;
use crate::{
    cache::Listed,
    domain::{Shop, State, Unsold},
    wire::variant::signed,
};

/// More lines than this are not one basket.
const MOST: usize = 1_000;

/// What is known of the lines' variants.
struct Facts {
    products: HashMap<VariantId, Arc<Listed>>,
    shops: HashMap<StoreId, Arc<Stored<Shop>>>,
}

pub(super) async fn handle(api: &Api, request: &PriceLinesRequest) -> Result<PriceLinesResponse, Status> {
    let mut check = Violations::new();
    check.require(request.lines.len() <= MOST, "lines", "must have at most 1,000 items");
    let parse = |(place, line): (usize, &LineToPrice)| {
        check.require(line.quantity >= 0, &format!("lines[{place}].quantity"), "must not be negative");
        check.id::<VariantId>(&format!("lines[{place}].variant_id"), &line.variant_id)
    };
    let variants: Vec<VariantId> = request.lines.iter().enumerate().filter_map(parse).collect();
    check.finish(())?;

    let facts = facts(api, &variants).await?;
    let lines = request.lines.iter().zip(&variants);
    let lines = lines.map(|(line, variant)| {
        price(&facts, line, *variant).unwrap_or_else(|unsold| PricedLine {
            refusal: Some(refusal(unsold).into()),
            refusal_detail: unsold.to_string(),
            ..named(&facts, line, *variant)
        })
    });
    Ok(PriceLinesResponse { lines: lines.collect() })
}

/// Everything at once: two or three look-ups, whether for one line or a thousand.
async fn facts(api: &Api, variants: &[VariantId]) -> Result<Facts, Status> {
    let of = api.cache.products_of(variants).await?;
    let ids: std::collections::BTreeSet<ProductId> = of.iter().map(|(_, product)| *product).collect();
    let listed = api.cache.products(ids).await?;
    let shops: std::collections::BTreeSet<StoreId> = listed.iter().map(|listed| listed.product.shop).collect();
    let shops = api.cache.shops(shops).await?.into_iter().map(|shop| (shop.id, shop)).collect();
    let listed: HashMap<ProductId, Arc<Listed>> = listed.into_iter().map(|listed| (listed.product.id, listed)).collect();
    let products = of
        .into_iter()
        .filter_map(|(variant, product)| Some((variant, Arc::clone(listed.get(&product)?))))
        .collect();
    Ok(Facts { products, shops })
}

fn price(facts: &Facts, line: &LineToPrice, variant: VariantId) -> Result<PricedLine, Unsold> {
    let product = &facts.products.get(&variant).ok_or(Unsold::UnknownVariant)?.product;
    let offer = product.offer(variant, line.quantity.unsigned_abs(), line.quoted)?;
    let shop = facts.shops.get(&product.shop).ok_or(Unsold::UnknownVariant)?;
    Ok(PricedLine {
        sku: offer.variant.sku.clone(),
        price: offer.price.map(|price| money(price.price)),
        unit_quantity: offer.price.map_or(0, |price| signed(price.unit_quantity)),
        net: offer.price.map(|price| money(price.net)),
        tax_basis_points: i32::try_from(shop.window.tax_basis_points).expect("at most 100 per cent"),
        weight_mg: offer.variant.weight_mg,
        ..named(facts, line, variant)
    })
}

/// A line and whose goods it is about, so that a buyer can tell what to take out. Drafts are not told of.
fn named(facts: &Facts, line: &LineToPrice, variant: VariantId) -> PricedLine {
    let asked = PricedLine {
        variant_id: line.variant_id.clone(),
        quantity: line.quantity,
        ..PricedLine::default()
    };
    let listed = facts.products.get(&variant).map(|listed| &listed.product);
    match listed.filter(|product| product.state != State::Draft) {
        Some(product) => PricedLine {
            product_id: product.id.to_string(),
            store_id: product.shop.to_string(),
            seller_id: product.owner.to_string(),
            title: product.listing.title.clone(),
            ..asked
        },
        None => asked,
    }
}

const fn refusal(unsold: Unsold) -> LineRefusal {
    match unsold {
        Unsold::UnknownVariant => LineRefusal::UnknownVariant,
        Unsold::NotPublished => LineRefusal::ProductNotPublished,
        Unsold::BelowMinimum { .. } => LineRefusal::QuantityBelowMinimum,
        Unsold::NotAMultiple { .. } => LineRefusal::QuantityNotAMultiple,
        Unsold::AmountTooSmall => LineRefusal::AmountTooSmall,
        Unsold::AmountTooLarge => LineRefusal::AmountTooLarge,
    }
}
