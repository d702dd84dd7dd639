//! Products in a list of results.

use proto::{
    catalog::v1::{PriceTier, Product, ProductSummary},
    money::v1::Money,
};

/// What a list of results shows of a product.
pub(crate) fn of(product: &Product) -> ProductSummary {
    let from = from_price(product);
    ProductSummary {
        product_id: product.id.clone(),
        store_id: product.store_id.clone(),
        seller_id: product.owner_id.clone(),
        title: product.title.clone(),
        brand: product.brand.clone(),
        category_id: product.category_id.clone(),
        from_price: from.map(|(_, price)| price.clone()),
        unit_quantity: from.map_or(0, |(tier, _)| tier.unit_quantity),
        minimum_order_quantity: from.map_or(0, |(tier, _)| tier.min_quantity),
        variants: i32::try_from(product.variants.len()).expect("a listing has a few hundred variants at most"),
        rating: product.rating,
    }
}

/// The lowest price for a piece at a minimum order, among all variants.
pub(crate) fn from_price(product: &Product) -> Option<(&PriceTier, &Money)> {
    let first = product.variants.iter().filter_map(|variant| variant.price_tiers.first());
    let priced = first.filter_map(|tier| Some((tier, tier.price.as_ref()?)));
    priced.min_by_key(|(tier, price)| per_piece(tier, price))
}

/// Thousandths of minor units for one piece, rounded down: for filters and orders, never for sums.
pub(crate) fn per_piece(tier: &PriceTier, price: &Money) -> i64 {
    let exact = i128::from(price.minor_units) * 1_000 / i128::from(tier.unit_quantity.max(1));
    i64::try_from(exact).unwrap_or(i64::MAX)
}
