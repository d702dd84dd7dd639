//! What consumers and timers work with.

use store::Store;

use crate::saga::Saga;

/// What a fact or a deadline is taken in with.
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) saga: Saga,
}
