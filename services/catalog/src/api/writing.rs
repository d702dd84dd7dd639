//! What every write of a product does inside its transaction, beside changing
//! the product: article numbers change hands, and the others are told.

use ::store::{Keys, Stored, Work};
use kernel::{ProductId, Stale, StoreId};
use proto::catalog::v1;

use crate::{
    domain::{Event, Holder, Product, Refusal, Sku, SkuId, Variant},
    store::facts,
    wire,
};

/// The keys of a write that may change a product's article numbers: those that it has and those that it wants.
pub(super) fn keys<'a>(product: ProductId, shop: StoreId, variants: impl Iterator<Item = &'a Variant>) -> Keys {
    let skus = variants.map(|variant| SkuId::of(shop, &variant.sku));
    Keys::new().one::<Product>(product).all::<Sku>(skus)
}

/// Hands the product's article numbers to its variants, and lets go of those of `before` that it does not use any more.
pub(super) fn hand_over_skus(work: &mut Work, product: &Product, before: &[Variant]) -> Result<(), Refusal> {
    let variants = &product.listing.variants;
    for (place, variant) in variants.iter().enumerate() {
        let id = SkuId::of(product.shop, &variant.sku);
        let holder = Some(Holder {
            product: product.id,
            variant: variant.id,
        });
        match work.change::<Sku>(id) {
            Some(sku) if sku.is_taken_from(product.id) => {
                let sku = variant.sku.clone();
                return Err(Refusal::SkuTaken { place, sku });
            }
            Some(sku) => sku.holder = holder,
            None => work.insert(Sku {
                id,
                owner: product.owner,
                shop: product.shop,
                text: variant.sku.clone(),
                holder,
            }),
        }
    }
    for gone in before.iter().filter(|old| variants.iter().all(|new| new.sku != old.sku)) {
        if let Some(sku) = work.change::<Sku>(SkuId::of(product.shop, &gone.sku)) {
            sku.holder = None;
        }
    }
    Ok(())
}

/// Refuses a change whose caller has seen another revision, and as a race one that only we prepared with another version.
pub(super) fn must_be_at(product: &Stored<Product>, seen: Option<i64>, prepared: Option<i64>) -> Result<(), Refusal> {
    let current = wire::product::revision(product);
    if seen.is_some_and(|seen| seen != current) {
        return Err(Stale { current }.into());
    }
    product.must_be_at(prepared).map_err(|_| Refusal::Raced)
}

/// The product as this write leaves it, told to the others if anything happened.
pub(super) fn tell(work: &mut Work, event: Option<Event>, id: ProductId) -> Result<v1::Product, Refusal> {
    let product = work.after::<Product>(id).ok_or(Refusal::Unknown("product"))?;
    let message = wire::product::to_proto(&product);
    if let Some(event) = event {
        work.emit(facts::product(event, &product, &message));
    }
    Ok(message)
}

/// The version that an entity tag of a store or a category names.
pub(super) fn version_of(etag: &str) -> i64 {
    etag.parse().expect("our own entity tags are numbers")
}
