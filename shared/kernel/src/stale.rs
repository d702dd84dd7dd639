//! Versions that have passed.

/// A change was based on another version than the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has changed since you read it, and is now at version {current}")]
pub struct Stale {
    /// The present version.
    pub current: i64,
}
