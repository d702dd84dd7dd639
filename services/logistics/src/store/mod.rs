//! Rows, and how they become nouns and back. One file for each table.

pub(crate) mod audit;
pub(crate) mod carrier_event;
pub(crate) mod facts;
pub(crate) mod hold;
pub(crate) mod migrations;
pub(crate) mod movement;
pub(crate) mod reservation;
pub(crate) mod shelf;
pub(crate) mod shipment;
pub(crate) mod stock;
pub(crate) mod track;
pub(crate) mod warehouse;

use serde::{Serialize, de::DeserializeOwned};
use store::Corrupt;

/// A nested collection as a column keeps it.
fn to_json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).expect("our own types have string keys and finite numbers")
}

/// A nested collection from its column.
fn from_json<T: DeserializeOwned>(table: &'static str, value: serde_json::Value) -> Result<T, Corrupt> {
    serde_json::from_value(value).map_err(|error| Corrupt::new(table, error))
}
