//! Imports: many products from one source, row by row.

use kernel::{ImportId, OrganisationId, StoreId, Time};

/// An import and how far it has come. Rows come in their order and are counted once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Import {
    pub(crate) id: ImportId,
    pub(crate) owner: OrganisationId,
    pub(crate) shop: StoreId,
    pub(crate) state: State,
    pub(crate) counts: Counts,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

/// What became of how many rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) listed: i64,
    pub(crate) changed: i64,
    pub(crate) unchanged: i64,
    pub(crate) rejected: i64,
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Listed,
    Changed,
    Unchanged,
    Rejected,
}

kernel::named! {
    /// Whether more rows may come.
    pub(crate) enum State {
        Open = "open",
        Completed = "completed",
    }
}

/// What an import does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error("this import is completed")]
    Completed,
    #[error("the next row is row {next}")]
    OutOfOrder { next: i64 },
}

impl Counts {
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Listed => self.listed += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Rejected => self.rejected += 1,
        }
    }

    const fn total(self) -> i64 {
        self.listed + self.changed + self.unchanged + self.rejected
    }
}

impl Import {
    /// How many rows came so far.
    pub(crate) const fn received(&self) -> i64 {
        self.counts.total()
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
    pub(crate) fn take(&mut self, first_row: i64, rows: Counts, now: Time) -> Result<(), NotTaken> {
        self.must_take(first_row)?;
        let before = self.counts;
        self.counts = Counts {
            listed: before.listed + rows.listed,
            changed: before.changed + rows.changed,
            unchanged: before.unchanged + rows.unchanged,
            rejected: before.rejected + rows.rejected,
        };
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
            counts: Counts::default(),
            created: now,
            updated: now,
        };
        let rows = |outcomes: &[Outcome]| {
            let mut counts = Counts::default();
            outcomes.iter().for_each(|outcome| counts.add(*outcome));
            counts
        };
        let five = rows(&[
            Outcome::Listed,
            Outcome::Changed,
            Outcome::Unchanged,
            Outcome::Rejected,
            Outcome::Rejected,
        ]);
        let one = rows(&[Outcome::Listed]);
        assert_eq!(import.take(0, five, now), Ok(()));
        assert_eq!(import.take(0, five, now), Err(NotTaken::OutOfOrder { next: 5 }));
        assert_eq!(import.take(6, one, now), Err(NotTaken::OutOfOrder { next: 5 }));
        assert_eq!(import.take(5, one, now), Ok(()));
        import.complete(now);
        import.complete(now);
        assert_eq!(import.take(6, one, now), Err(NotTaken::Completed));
        assert_eq!((import.received(), import.counts.listed, import.counts.rejected), (6, 2, 2));
    }
}
