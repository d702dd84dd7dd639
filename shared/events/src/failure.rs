//! Why a handler could not digest an event.

use store::Error as StoreError;

/// A failure that may pass is tried again for as long as it takes; another one a few times, and then the event is a dead letter.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    text: String,
    pub(crate) passing: bool,
}

impl Failure {
    /// Something is wrong with the event, or with us.
    pub fn new(text: impl ToString) -> Self {
        Self {
            text: text.to_string(),
            passing: false,
        }
    }

    /// Something that we need does not answer now.
    pub fn passing(text: impl ToString) -> Self {
        Self {
            text: text.to_string(),
            passing: true,
        }
    }
}

impl<X: std::fmt::Debug> From<StoreError<X>> for Failure {
    fn from(error: StoreError<X>) -> Self {
        match error {
            StoreError::Refused(refusal) => Self::new(format!("refused: {refusal:?}")),
            StoreError::Database(error) if store::is_passing(&error) => Self::passing(error),
            StoreError::Database(error) => Self::new(error),
            StoreError::Contended => Self::passing("others kept changing the same rows"),
            StoreError::Closed => Self::passing("the store is closed"),
            StoreError::NotFound(kind) => Self::new(format!("there is no such {kind}")),
            StoreError::KeyReused => Self::new("the event's id was used for something else"),
            StoreError::Corrupt(error) => Self::new(error),
            StoreError::Panicked => Self::new("the update panicked"),
        }
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::<()>::Database(error).into()
    }
}

impl From<prost::DecodeError> for Failure {
    fn from(error: prost::DecodeError) -> Self {
        Self::new(error)
    }
}

impl From<kernel::InvalidId> for Failure {
    fn from(error: kernel::InvalidId) -> Self {
        Self::new(error)
    }
}

impl From<runtime::Unreadable> for Failure {
    fn from(error: runtime::Unreadable) -> Self {
        Self::new(error)
    }
}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        match status.code() {
            tonic::Code::Unavailable | tonic::Code::DeadlineExceeded | tonic::Code::ResourceExhausted => Self::passing(status),
            _ => Self::new(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbErr, RuntimeErr, SqlxError};

    use super::*;

    #[test]
    fn a_database_that_goes_away_makes_no_dead_letters() {
        let gone = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let gone = DbErr::Exec(RuntimeErr::SqlxError(std::sync::Arc::new(SqlxError::Io(gone))));
        assert!(Failure::from(gone).passing);
        assert!(!Failure::from(DbErr::RecordNotInserted).passing);
    }
}
