//! Variants: what is actually bought, one combination of a product's options.

use kernel::{Gtin, VariantId};
use serde::{Deserialize, Serialize};

use super::PriceTiers;

/// One combination of options with its own article number and prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Variant {
    pub(crate) id: VariantId,
    /// The seller's article number, unique within the store.
    pub(crate) sku: String,
    /// One value for each of the product's option names, in their order.
    pub(crate) option_values: Vec<String>,
    pub(crate) gtin: Option<Gtin>,
    pub(crate) tiers: PriceTiers,
    /// Quantities are multiples of it; never 0.
    pub(crate) order_increment: u64,
    /// Weight of one piece, in milligrams.
    pub(crate) weight_mg: i64,
}
