//! Article numbers: each belongs to one variant of its store at a time.

use kernel::{OrganisationId, ProductId, StoreId, VariantId, id};

id!(/** An article number within a store: the same two always have the same id. */ SkuId, "sku");

/// An article number of a store, and who holds it. It stays when it is let go, and can be taken again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sku {
    pub(crate) id: SkuId,
    pub(crate) owner: OrganisationId,
    pub(crate) shop: StoreId,
    pub(crate) text: String,
    pub(crate) holder: Option<Holder>,
}

/// The variant that an article number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) product: ProductId,
    pub(crate) variant: VariantId,
}

impl SkuId {
    /// The id of this article number in this store.
    pub(crate) fn of(shop: StoreId, text: &str) -> Self {
        Self::derived(shop, text)
    }
}

impl Sku {
    /// Whether another product holds it.
    pub(crate) fn is_taken_from(&self, product: ProductId) -> bool {
        self.holder.is_some_and(|holder| holder.product != product)
    }
}
