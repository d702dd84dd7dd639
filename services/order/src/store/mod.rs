//! Rows, and how they become nouns and back.

pub(crate) mod cart;
pub(crate) mod checkout;
pub(crate) mod facts;
pub(crate) mod migrations;
pub(crate) mod order;
pub(crate) mod quotation;
