//! What happens in the catalog. An event carries its whole noun, so that nobody who hears it has to ask.

/// What happened to a noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    CategoryCreated,
    CategoryChanged,
    StoreCreated,
    StoreChanged,
    ProductCreated,
    ProductChanged,
    ProductPublished,
    ProductArchived,
    ProductRated,
    ReviewWritten,
    ReviewAnswered,
}
