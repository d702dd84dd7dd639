//! Why a handler could not digest an event.

use std::convert::Infallible;

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

impl<X: std::fmt::Display> From<StoreError<X>> for Failure {
    fn from(error: StoreError<X>) -> Self {
        let passing = match &error {
            StoreError::Database(error) => store::is_passing(error),
            StoreError::Contended | StoreError::Closed => true,
            StoreError::Refused(_)
            | StoreError::NotFound(_)
            | StoreError::KeyReused
            | StoreError::Corrupt(_)
            | StoreError::Panicked
            | StoreError::Validating => false,
        };
        if passing { Self::passing(error) } else { Self::new(error) }
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::<Infallible>::Database(error).into()
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

    #[test]
    fn a_refusal_is_told_in_its_own_words() {
        let refused = Failure::from(StoreError::Refused("the order is paid already"));
        assert_eq!(refused.to_string(), "refused: the order is paid already");
        assert!(!refused.passing);
    }
}
