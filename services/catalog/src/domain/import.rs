//! Imports: many products from one source, row by row.

use kernel::{ImportId, OrganisationId, StoreId, Time};

/// An import and how far it has come. Rows come in their order and are counted once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Import {
    pub(crate) id: ImportId,
    pub(crate) owner: OrganisationId,
    pub(crate) shop: StoreId,
    pub(crate) state: State,
    pub(crate) listed: i64,
    pub(crate) rejected: i64,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

/// Whether more rows may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Completed,
}

/// What an import does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error("this import is completed")]
    Completed,
    #[error("the next row is row {next}")]
    OutOfOrder { next: i64 },
}

impl State {
    /// As the database writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Completed].into_iter().find(|state| state.name() == name)
    }
}

impl Import {
    /// How many rows came so far.
    pub(crate) fn received(&self) -> i64 {
        self.listed + self.rejected
    }

    /// Whether rows from this one on may come now.
    pub(crate) fn must_take(&self, first_row: i64) -> Result<(), NotTaken> {
        match self.state {
            State::Open if first_row == self.received() => Ok(()),
            State::Open => Err(NotTaken::OutOfOrder { next: self.received() }),
            State::Completed => Err(NotTaken::Completed),
        }
    }

    /// Counts rows that came.
    pub(crate) fn take(&mut self, first_row: i64, listed: i64, rejected: i64, now: Time) -> Result<(), NotTaken> {
        self.must_take(first_row)?;
        self.listed += listed;
        self.rejected += rejected;
        self.updated = now;
        Ok(())
    }

    /// No more rows come. To say so twice changes nothing.
    pub(crate) fn complete(&mut self, now: Time) {
        match self.state {
            State::Open => (self.state, self.updated) = (State::Completed, now),
            State::Completed => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::uuid::Uuid;

    use super::*;

    #[test]
    fn rows_come_in_their_order_until_the_import_is_completed() {
        let now = Time::default();
        let mut import = Import {
            id: ImportId::from_uuid(Uuid::nil()),
            owner: OrganisationId::from_uuid(Uuid::nil()),
            shop: StoreId::from_uuid(Uuid::nil()),
            state: State::Open,
            listed: 0,
            rejected: 0,
            created: now,
            updated: now,
        };
        assert_eq!(import.take(0, 3, 2, now), Ok(()));
        assert_eq!(import.take(0, 3, 2, now), Err(NotTaken::OutOfOrder { next: 5 }));
        assert_eq!(import.take(6, 1, 0, now), Err(NotTaken::OutOfOrder { next: 5 }));
        assert_eq!(import.take(5, 1, 0, now), Ok(()));
        import.complete(now);
        import.complete(now);
        assert_eq!(import.take(6, 1, 0, now), Err(NotTaken::Completed));
        assert_eq!((import.received(), import.listed, import.rejected), (6, 4, 2));
    }
}
