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
    tracing::warn!(%error, "the database cannot be used");
    Problem::unavailable("the service cannot reach its data at the moment")
}

/// Whether the same may succeed in a moment: the connection failed and not
/// the statement, the database has no room, or others were in its way.
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

/// PostgreSQL's classes and codes: 08 connection exception, 53 insufficient resources, such as a full disk or too
/// many connections, 57P01 to 57P03 the server ends, crashed or is not up yet. SQLite's: `SQLITE_FULL`, and
/// `SQLITE_IOERR` in all its kinds, which have it in their lowest byte.
fn is_passing_code(code: &str) -> bool {
    const FULL: u32 = 13;
    const IO_ERROR: u32 = 10;
    // An SQLSTATE has five characters, a result code of SQLite's at most four.
    let of_sqlite = code.parse().ok().filter(|_: &u32| code.len() < 5);
    ["08", "53"].iter().any(|class| code.len() == 5 && code.starts_with(class))
        || ["57P01", "57P02", "57P03"].contains(&code)
        || of_sqlite.is_some_and(|code| code == FULL || code & 0xff == IO_ERROR)
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
    use sea_orm::{ConnectOptions, ConnectionTrait, Database};
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

    #[tokio::test]
    async fn a_database_without_room_is_worth_another_try() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        // Each connection would have a memory of its own.
        options.max_connections(1);
        let database = Database::connect(options).await.unwrap();
        database.execute_unprepared("CREATE TABLE notes (text TEXT)").await.unwrap();
        database.execute_unprepared("PRAGMA max_page_count = 3").await.unwrap();
        let full = database
            .execute_unprepared("INSERT INTO notes VALUES (hex(zeroblob(100000)))")
            .await;
        assert_eq!(Status::from(unread(full.unwrap_err())).code(), Code::Unavailable);
    }

    #[test]
    fn what_passes_is_told_from_what_stays_by_the_database_s_own_code() {
        // PostgreSQL: disk full, out of memory, too many connections. SQLite: full, an input or output error, one while writing.
        for code in ["53100", "53200", "53300", "08006", "57P01", "13", "10", "778"] {
            assert!(is_passing_code(code), "{code}");
        }
        // A unique violation, a constraint of SQLite's, an SQLSTATE whose digits
        // would be an error of SQLite's, and one that only begins like a class.
        for code in ["23505", "1555", "22026", "53"] {
            assert!(!is_passing_code(code), "{code}");
        }
    }
}
