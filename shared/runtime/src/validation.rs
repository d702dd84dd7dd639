//! Requests that are looked at and not carried out (AIP-163, `validate_only`).
//!
//! The gateway refuses what does not fit the protos, and asks the service in this way what else is wrong with it, so that a client hears of
//! all of it at once. Such a request ends where its fields have been looked at, and the store writes nothing for one that comes further.

use std::future::Future;

use http::HeaderMap;

/// The metadata that asks for it; the value does not matter.
pub const VALIDATE_ONLY: &str = "x-validate-only";

tokio::task_local! {
    static VALIDATING: bool;
}

/// Whether the request being served is only looked at.
pub fn is_validating() -> bool {
    VALIDATING.try_with(|validating| *validating).unwrap_or(false)
}

/// Whether a request's metadata ask for it.
pub(crate) fn is_asked(metadata: &HeaderMap) -> bool {
    metadata.contains_key(VALIDATE_ONLY)
}

/// Serves a request, of which it is known whether it is only looked at.
pub(crate) async fn serving<F: Future>(validating: bool, serve: F) -> F::Output {
    VALIDATING.scope(validating, serve).await
}
