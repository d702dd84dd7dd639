//! Where the goods go. Personal data: it stays in the one column that holds it, and never enters events or logs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A postal address that was checked at the edge.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    /// Person or company.
    pub(crate) recipient: String,
    /// Street lines, one to five.
    pub(crate) lines: Vec<String>,
    /// Town.
    pub(crate) city: String,
    /// State or province; may be empty.
    pub(crate) region: String,
    /// May be empty.
    pub(crate) postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// E.164; may be empty.
    pub(crate) phone: String,
}

/// Only the country prints.
impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Address({})", self.country)
    }
}
