//! The services by their names.

/// The services, each with a database of its own.
pub(crate) const SERVICES: [&str; 6] = ["identity", "catalog", "order", "payment", "logistics", "messaging"];

/// The door to them, which has no database.
pub(crate) const GATEWAY: &str = "gateway";

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    SERVICES.into_iter().chain([GATEWAY])
}
