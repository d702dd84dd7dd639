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

impl Event {
    /// The subject that the others hear it on.
    pub(crate) const fn subject(self) -> &'static str {
        match self {
            Self::CategoryCreated => "catalog.v1.category_created",
            Self::CategoryChanged => "catalog.v1.category_changed",
            Self::StoreCreated => "catalog.v1.store_created",
            Self::StoreChanged => "catalog.v1.store_changed",
            Self::ProductCreated => "catalog.v1.product_created",
            Self::ProductChanged => "catalog.v1.product_changed",
            Self::ProductPublished => "catalog.v1.product_published",
            Self::ProductArchived => "catalog.v1.product_archived",
            Self::ProductRated => "catalog.v1.product_rated",
            Self::ReviewWritten => "catalog.v1.review_written",
            Self::ReviewAnswered => "catalog.v1.review_answered",
        }
    }
}
