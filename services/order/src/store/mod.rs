//! Rows, and how they become nouns and back.

pub(crate) mod cart;
pub(crate) mod checkout;
pub(crate) mod facts;
pub(crate) mod migrations;
pub(crate) mod order;
pub(crate) mod quotation;

use ::store::Corrupt;
use kernel::{Currency, Money};

fn currency(table: &'static str, code: &str) -> Result<Currency, Corrupt> {
    code.parse().map_err(|error| Corrupt::new(table, error))
}

fn money(minor_units: i64, currency: Currency) -> Money {
    Money::new(minor_units, currency)
}
