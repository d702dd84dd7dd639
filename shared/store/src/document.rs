//! What is never queried on its own, as JSON in one column.

use sea_orm::DeriveValueType;
use serde::{Serialize, de::DeserializeOwned};

use crate::Corrupt;

/// A part of a domain type as JSON. Its column is a text: a database that does not look into it need not take it apart either.
#[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
pub struct Document(String);

impl Document {
    /// Writes a value.
    ///
    /// # Panics
    /// When it cannot be JSON, as a map whose keys are no texts.
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_string(value).expect("what a domain keeps has text keys and finite numbers"))
    }

    /// Reads it again.
    ///
    /// # Errors
    /// [`Corrupt`], with the name of the table that it comes from, when it is another type's.
    pub fn read<T: DeserializeOwned>(&self, table: &'static str) -> Result<T, Corrupt> {
        serde_json::from_str(&self.0).map_err(|error| Corrupt::new(table, error))
    }
}
