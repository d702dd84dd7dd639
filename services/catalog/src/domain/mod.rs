//! The nouns of the catalog. Pure: no database, no network, no clock.

pub(crate) mod attribute;
pub(crate) mod buyer_review;
pub(crate) mod category;
pub(crate) mod event;
pub(crate) mod import;
pub(crate) mod listing;
pub(crate) mod offer;
pub(crate) mod price;
pub(crate) mod product;
pub(crate) mod rating;
pub(crate) mod review;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod shop;
pub(crate) mod sku;
pub(crate) mod template;
pub(crate) mod variant;

use kernel::Stale;

pub(crate) use self::{
    attribute::{Attribute, Value},
    category::Category,
    event::Event,
    listing::{Fault, Listing},
    offer::Unsold,
    price::{PriceTiers, Tier},
    product::{IllegalTransition, Product, State},
    shop::{Shop, Window},
    sku::{Holder, Sku, SkuId},
    variant::Variant,
};

/// Why the catalog says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such {0}")]
    Unknown(&'static str),
    #[error("this {0} belongs to another organisation")]
    Foreign(&'static str),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Transition(#[from] IllegalTransition),
    #[error("the article number {sku} belongs to another product of this store")]
    SkuTaken { place: usize, sku: String },
    #[error("no completed order of yours has this line")]
    NotBought,
    #[error("you sold no completed order of this id")]
    NotSold,
    #[error(transparent)]
    NotTaken(#[from] import::NotTaken),
    #[error(transparent)]
    Unsaid(#[from] review::Unsaid),
    #[error("the product cannot be published as it is")]
    Unsound(Vec<Fault>),
    #[error("it was changed by someone else at the same time")]
    Raced,
}

impl Refusal {
    /// Whether the same change may be made on top of the one that it met.
    pub(crate) fn is_race(&self) -> bool {
        *self == Self::Raced
    }
}
