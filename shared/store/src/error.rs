//! What can go wrong at the door.

use std::convert::Infallible;

use runtime::Problem;
use sea_orm::{DbErr, RuntimeErr};
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
    Database(#[from] DbErr),
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

impl Error<Infallible> {
    /// The same error where something may be refused as well: a read refuses nothing.
    pub fn of_read<X>(self) -> Error<X> {
        match self {
            Self::Refused(never) => match never {},
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
            Error::Database(error) => unread(error),
            Error::Corrupt(error) => Self::internal(error),
            Error::Panicked => Self::internal("an update panicked"),
            Error::Closed => Self::unavailable("the service is ending"),
        }
    }
}

/// What a client is told when the database fails: to come again in a moment where that helps, and nothing else.
pub fn unread(error: DbErr) -> Problem {
    if !is_passing(&error) {
        return Problem::internal(error);
    }
    tracing::warn!(%error, "the database cannot be reached");
    Problem::unavailable("the service cannot reach its data at the moment")
}

/// Whether the connection failed and not the statement, so that the same may succeed in a moment. PostgreSQL's classes and codes: 08 connection exception,
/// 53300 too many connections, 57P01 to 57P03 the server ends, crashed or is not up yet.
pub fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_));
    };
    match error.as_ref() {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("08") || ["53300", "57P01", "57P02", "57P03"].contains(&code.as_ref())),
        _ => false,
    }
}

impl<X: Into<Problem>> From<Error<X>> for Status {
    fn from(error: Error<X>) -> Self {
        Problem::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_database_that_is_away_is_worth_another_try_and_a_wrong_statement_is_not() {
        let away = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let away = DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(sqlx::Error::Io(away))));
        assert_eq!(Status::from(unread(away)).code(), Code::Unavailable);
        let wrong = DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(sqlx::Error::RowNotFound)));
        assert_eq!(Status::from(unread(wrong)).code(), Code::Internal);
    }
}
