//! What can go wrong at the door.

use runtime::Problem;
use tonic::Status;

use crate::Corrupt;

/// Why a write or a read did not happen. `X` is what the service's own closure says when it refuses.
#[derive(Debug, thiserror::Error)]
pub enum Error<X> {
    /// The closure refused; nothing was written.
    #[error("refused")]
    Refused(X),
    /// No row has this id.
    #[error("not found")]
    NotFound,
    /// The idempotency key was used before, for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database failed, also when the update was tried alone.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// A row that the domain refuses.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The closure panicked; its neighbours were not hurt.
    #[error("the update panicked")]
    Panicked,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}

impl<X> Error<X> {
    /// The same error with what the closure said replaced.
    pub fn map_refused<Y>(self, f: impl FnOnce(X) -> Y) -> Error<Y> {
        match self {
            Self::Refused(refusal) => Error::Refused(f(refusal)),
            Self::NotFound => Error::NotFound,
            Self::KeyReused => Error::KeyReused,
            Self::Database(error) => Error::Database(error),
            Self::Corrupt(error) => Error::Corrupt(error),
            Self::Panicked => Error::Panicked,
            Self::Closed => Error::Closed,
        }
    }
}

impl<X: Into<Problem>> From<Error<X>> for Problem {
    fn from(error: Error<X>) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::NotFound => Self::not_found("thing"),
            Error::KeyReused => Self::key_reused(),
            Error::Database(error) => Self::internal(error),
            Error::Corrupt(error) => Self::internal(error),
            Error::Panicked => Self::internal("an update panicked"),
            Error::Closed => Self::unavailable("the service is ending"),
        }
    }
}

impl<X: Into<Problem>> From<Error<X>> for Status {
    fn from(error: Error<X>) -> Self {
        Problem::from(error).into()
    }
}
