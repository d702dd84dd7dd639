//! Rows, and how they become nouns and back.

pub(crate) mod cart;
pub(crate) mod checkout;
pub(crate) mod facts;
pub(crate) mod migrations;
pub(crate) mod order;
pub(crate) mod quotation;

use ::store::Corrupt;
use kernel::{Currency, Money};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What is never queried on its own is kept as JSON.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("our nouns have text keys and finite numbers")
}

fn read<T: DeserializeOwned>(table: &'static str, value: Value) -> Result<T, Corrupt> {
    serde_json::from_value(value).map_err(|error| Corrupt::new(table, error))
}

fn currency(table: &'static str, code: &str) -> Result<Currency, Corrupt> {
    code.parse().map_err(|error| Corrupt::new(table, error))
}

fn money(minor_units: i64, currency: Currency) -> Money {
    Money::new(minor_units, currency)
}
