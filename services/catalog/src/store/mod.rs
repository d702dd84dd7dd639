//! Rows, and how they become nouns and back.

pub(crate) mod buyer_review;
pub(crate) mod category;
pub(crate) mod facts;
pub(crate) mod import;
pub(crate) mod migrations;
pub(crate) mod product;
pub(crate) mod rejection;
pub(crate) mod reputation;
pub(crate) mod review;
pub(crate) mod shop;
pub(crate) mod sku;
