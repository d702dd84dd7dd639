//! Attributes: what can be said of a product in a name and a value.

use serde::{Deserialize, Serialize};

/// The facets that are no attributes: what every product has.
pub(crate) const FACETS: [&str; 2] = ["brand", "category"];

/// One property of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// A text, a number with its unit, or a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Value {
    Text(String),
    /// The unit as UCUM writes it, such as "mm"; empty for a bare number.
    Number {
        amount: f64,
        unit: String,
    },
    Flag(bool),
}
