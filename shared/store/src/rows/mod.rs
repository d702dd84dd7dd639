//! The rows of the store's own tables.

pub(crate) mod causes;
pub(crate) mod dead_letters;
pub(crate) mod outbox;
