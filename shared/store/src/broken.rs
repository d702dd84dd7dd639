//! Why a transaction failed as a whole.

use sea_orm::DbErr;

use crate::{Corrupt, Error, error};

/// Why a transaction failed as a whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    #[error("rows appeared while others were being loaded")]
    Moved,
    #[error("a row or a recorded answer made us panic")]
    Panicked,
}

impl Broken {
    /// Whether others were in the way, so that the same may succeed at once.
    pub(crate) fn is_contention(&self) -> bool {
        match self {
            Self::Database(error) => error::is_contention(error) || error::is_duplicate(error),
            Self::Moved => true,
            Self::Corrupt(_) | Self::Panicked => false,
        }
    }
}

impl<X> From<Broken> for Error<X> {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Database(error) if error::is_contention(&error) => Self::Contended,
            Broken::Database(error) => Self::Database(error),
            Broken::Corrupt(corrupt) => Self::Corrupt(corrupt),
            Broken::Moved => Self::Contended,
            Broken::Panicked => Self::Panicked,
        }
    }
}
