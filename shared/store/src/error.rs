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
    #[error("refused: {0}")]
    Refused(X),
    /// No row of this kind has this id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The idempotency key was used before, for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database failed, also when the update was tried alone.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// A row that the domain refuses.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// Others changed the same rows first, each time that it was tried.
    #[error("others kept changing the same rows")]
    Contended,
    /// The closure panicked; its neighbours were not hurt.
    #[error("the update panicked")]
    Panicked,
    /// The request is only looked at; nothing was written.
    #[error("the request is only looked at")]
    Validating,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}

impl Error<Infallible> {
    /// The same error where something may be refused as well: a read refuses nothing.
    pub fn of_read<X>(self) -> Error<X> {
        match self {
            Self::Refused(never) => match never {},
            Self::NotFound(kind) => Error::NotFound(kind),
            Self::KeyReused => Error::KeyReused,
            Self::Database(error) => Error::Database(error),
            Self::Corrupt(error) => Error::Corrupt(error),
            Self::Contended => Error::Contended,
            Self::Panicked => Error::Panicked,
            Self::Validating => Error::Validating,
            Self::Closed => Error::Closed,
        }
    }
}

impl<X: Into<Problem>> From<Error<X>> for Problem {
    fn from(error: Error<X>) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::NotFound(kind) => Self::not_found(&kind.replace('_', " ")),
            Error::KeyReused => Self::key_reused(),
            Error::Database(error) => unread(error),
            Error::Corrupt(error) => Self::internal(error),
            Error::Contended => Self::unavailable("the same is being changed by others; try again"),
            Error::Panicked => Self::internal("an update panicked"),
            Error::Validating => Self::invalid(Vec::new()),
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

/// Whether the same may succeed in a moment: the connection failed and not the statement, or others were in its way. PostgreSQL's classes and codes: 08
/// connection exception, 53300 too many connections, 57P01 to 57P03 the server ends, crashed or is not up yet.
pub fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(sqlx)) | DbErr::Exec(RuntimeErr::SqlxError(sqlx)) | DbErr::Query(RuntimeErr::SqlxError(sqlx))) =
        error
    else {
        return matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_));
    };
    match sqlx.as_ref() {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        _ => code(error).is_some_and(|code| is_passing_code(&code) || is_contention_code(&code)) || matches!(error, DbErr::Conn(_)),
    }
}

/// Whether others wrote the same at the same time.
pub(crate) fn is_contention(error: &DbErr) -> bool {
    code(error).is_some_and(|code| is_contention_code(&code))
}

/// Whether a row that was to be added is there already, which is news to whoever looked for it a moment ago.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    // PostgreSQL's unique violation; SQLite's of a primary key and of another index.
    code(error).is_some_and(|code| ["23505", "1555", "2067"].contains(&code.as_str()))
}

fn is_passing_code(code: &str) -> bool {
    code.starts_with("08") || ["53300", "57P01", "57P02", "57P03"].contains(&code)
}

/// PostgreSQL's serialization failure, deadlock and lock that is not to be had; SQLite's SQLITE_BUSY in its three kinds and SQLITE_LOCKED.
fn is_contention_code(code: &str) -> bool {
    ["40001", "40P01", "55P03", "5", "261", "517", "6"].contains(&code)
}

/// The database's own code of what it refused: an SQLSTATE, or SQLite's extended result code.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    Some(error.as_database_error()?.code()?.into_owned())
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
