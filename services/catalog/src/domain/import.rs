//! Imports: many products from one source, row by row.

use std::time::Duration;

use kernel::{ImportId, OrganisationId, StoreId, Time, uuid::Uuid};

/// How long a claim keeps others out, if nobody ends it: longer than any request with rows has time, so that whoever made it has died.
const CLAIM: Duration = Duration::from_secs(60);

/// An import and how far it has come. Rows come in their order and are counted once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Import {
    pub(crate) id: ImportId,
    pub(crate) owner: OrganisationId,
    pub(crate) shop: StoreId,
    pub(crate) state: State,
    pub(crate) counts: Counts,
    /// The rows that are being taken in.
    pub(crate) claim: Option<Claim>,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

/// Rows that are written one by one and not counted yet. While they are, no others come and nobody completes the import, so that of rows
/// which are refused none is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Which rows these are: the same whenever the same request comes again.
    pub(crate) content: Uuid,
    /// When they came, the last time.
    pub(crate) since: Time,
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
    #[error("other rows of this import are being taken in; try again in a moment")]
    Busy,
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

    /// Claims the import for the rows of this content. They may come again, if nobody counted them; others have to wait until they are
    /// counted or whoever claimed has died.
    ///
    /// # Errors
    /// Also rows that are not the next.
    pub(crate) fn claim(&mut self, first_row: i64, content: Uuid, now: Time) -> Result<(), NotTaken> {
        self.must_be_next(first_row)?;
        if self.claim.is_some_and(|claim| claim.content != content && claim.holds(now)) {
            return Err(NotTaken::Busy);
        }
        self.claim = Some(Claim { content, since: now });
        Ok(())
    }

    /// Counts the rows that the import is claimed for.
    ///
    /// # Errors
    /// Rows that took longer than their claim held, if somebody did not wait for them.
    pub(crate) fn take(&mut self, first_row: i64, content: Uuid, rows: Counts, now: Time) -> Result<(), NotTaken> {
        self.must_be_next(first_row)?;
        if self.claim.is_none_or(|claim| claim.content != content) {
            return Err(NotTaken::Busy);
        }
        let before = self.counts;
        self.counts = Counts {
            listed: before.listed + rows.listed,
            changed: before.changed + rows.changed,
            unchanged: before.unchanged + rows.unchanged,
            rejected: before.rejected + rows.rejected,
        };
        self.claim = None;
        self.updated = now;
        Ok(())
    }

    fn must_be_next(&self, first_row: i64) -> Result<(), NotTaken> {
        match self.state {
            State::Open if first_row == self.received() => Ok(()),
            State::Open => Err(NotTaken::OutOfOrder { next: self.received() }),
            State::Completed => Err(NotTaken::Completed),
        }
    }

    /// No more rows come. To say so twice changes nothing.
    ///
    /// # Errors
    /// Rows that are being taken in.
    pub(crate) fn complete(&mut self, now: Time) -> Result<(), NotTaken> {
        match self.state {
            State::Open if self.claim.is_some_and(|claim| claim.holds(now)) => Err(NotTaken::Busy),
            State::Open => {
                (self.state, self.claim, self.updated) = (State::Completed, None, now);
                Ok(())
            }
            State::Completed => Ok(()),
        }
    }
}

impl Claim {
    fn holds(self, now: Time) -> bool {
        now.since(self.since) < CLAIM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Counts = Counts {
        listed: 1,
        changed: 0,
        unchanged: 0,
        rejected: 0,
    };

    fn import() -> Import {
        let now = Time::default();
        Import {
            id: ImportId::from_uuid(Uuid::nil()),
            owner: OrganisationId::from_uuid(Uuid::nil()),
            shop: StoreId::from_uuid(Uuid::nil()),
            state: State::Open,
            counts: Counts::default(),
            claim: None,
            created: now,
            updated: now,
        }
    }

    /// Rows by a number of theirs.
    fn rows(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn rows_come_in_their_order_until_the_import_is_completed() {
        let (mut import, now) = (import(), Time::default());
        let mut five = Counts::default();
        for outcome in [
            Outcome::Listed,
            Outcome::Changed,
            Outcome::Unchanged,
            Outcome::Rejected,
            Outcome::Rejected,
        ] {
            five.add(outcome);
        }
        assert_eq!(import.claim(0, rows(1), now), Ok(()));
        assert_eq!(import.take(0, rows(1), five, now), Ok(()));
        let next = Err(NotTaken::OutOfOrder { next: 5 });
        for place in [0, 6] {
            assert_eq!(import.claim(place, rows(1), now), next);
            assert_eq!(import.take(place, rows(1), five, now), next);
        }
        assert_eq!(import.claim(5, rows(2), now), Ok(()));
        assert_eq!(import.take(5, rows(2), ONE, now), Ok(()));
        assert_eq!([import.complete(now), import.complete(now)], [Ok(()), Ok(())]);
        assert_eq!(import.claim(6, rows(3), now), Err(NotTaken::Completed));
        assert_eq!((import.received(), import.counts.listed, import.counts.rejected), (6, 2, 2));
    }

    #[test]
    fn while_rows_are_taken_in_no_others_come_and_the_import_is_not_completed() {
        let (mut import, now) = (import(), Time::default());
        import.claim(0, rows(1), now).unwrap();
        assert_eq!(import.claim(0, rows(2), now), Err(NotTaken::Busy));
        assert_eq!(import.take(0, rows(2), ONE, now), Err(NotTaken::Busy));
        assert_eq!(import.complete(now), Err(NotTaken::Busy));
        assert_eq!(import.claim(0, rows(1), now), Ok(()), "the same rows again");
        assert_eq!(import.take(0, rows(1), ONE, now), Ok(()));
        assert_eq!(import.complete(now), Ok(()));
    }

    #[test]
    fn a_claim_keeps_nobody_out_for_good() {
        let now = Time::default();
        let later = now.plus(CLAIM);
        let claimed = || {
            let mut import = import();
            import.claim(0, rows(1), now).unwrap();
            import
        };
        let (mut completed, mut fed, mut repeated) = (claimed(), claimed(), claimed());
        assert_eq!(completed.complete(later), Ok(()));
        assert_eq!(completed.take(0, rows(1), ONE, later), Err(NotTaken::Completed));
        assert_eq!(fed.claim(0, rows(2), later), Ok(()));
        assert_eq!(fed.take(0, rows(1), ONE, later), Err(NotTaken::Busy));
        assert_eq!(fed.take(0, rows(2), ONE, later), Ok(()));
        repeated.claim(0, rows(1), later).unwrap();
        assert_eq!(repeated.complete(later), Err(NotTaken::Busy), "who is at it again holds it again");
    }
}
