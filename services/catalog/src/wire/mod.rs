//! Nouns as the protos write them, both ways.

pub(crate) mod attribute;
pub(crate) mod category;
pub(crate) mod import;
pub(crate) mod listing;
pub(crate) mod product;
pub(crate) mod review;
pub(crate) mod shop;
pub(crate) mod summary;
pub(crate) mod variant;

/// How many bytes a noun may take up, encoded. Every event carries its noun whole, and the broker takes no message of more than a mebibyte.
const MOST_BYTES: usize = 256 << 10;

/// What a nested field is called in a violation.
pub(crate) fn within(list: &str, place: usize, field: &str) -> String {
    format!("{list}[{place}].{field}")
}
