//! Rows, and how they become nouns and back.

pub(crate) mod category;
pub(crate) mod import;
pub(crate) mod migrations;
pub(crate) mod product;
pub(crate) mod rejection;
pub(crate) mod review;
pub(crate) mod seller_rating;
pub(crate) mod shop;
pub(crate) mod sku;
