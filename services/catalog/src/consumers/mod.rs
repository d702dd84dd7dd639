//! What the catalog does about what happened elsewhere.

pub(crate) mod completed;
