//! Lists by time, the newest first: keyset paging by time and id.

use std::hash::Hash;

use kernel::{PageToken, Time};
use runtime::Problem;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use store::{Aggregate, Error, Stored};
use uuid::Uuid;

use crate::domain::Refusal;

/// Which part of which list is asked for.
pub(super) struct Page<L> {
    /// Whatever tells the list from others.
    pub(super) list: L,
    /// How many are asked for.
    pub(super) size: u64,
    /// Behind which one.
    pub(super) after: Option<PageToken>,
}

impl<L: Hash> Page<L> {
    /// The rows of this page, and one more when there are more.
    pub(super) fn of<E: EntityTrait>(&self, select: Select<E>, time: E::Column, id: E::Column) -> Select<E> {
        // The bound on time alone is what an index can begin at; the rest tells those of the same time apart.
        let behind = self.after.map(|after| {
            let further = Condition::any().add(time.lt(after.position)).add(id.lt(after.id));
            Condition::all().add(time.lte(after.position)).add(further)
        });
        select
            .filter(Condition::all().add_option(behind))
            .order_by_desc(time)
            .order_by_desc(id)
            .limit(self.size + 1)
    }

    /// What the rows are, cut to size, and the token of the next page; empty when there is none.
    pub(super) fn cut<A: Aggregate>(
        &self,
        rows: impl IntoIterator<Item = <A::Entity as EntityTrait>::Model>,
        time: impl Fn(&A) -> Time,
    ) -> Result<(Vec<Stored<A>>, String), Problem> {
        let found = rows.into_iter().map(A::from_row).collect::<Result<Vec<_>, _>>();
        let mut found = found.map_err(Error::<Refusal>::from)?;
        let more = found.len() as u64 > self.size;
        found.truncate(usize::try_from(self.size).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| more).map(|last| {
            let id: Uuid = last.id().into();
            PageToken {
                position: time(last).micros(),
                id,
            }
            .encode(&self.list)
        });
        Ok((found, next.unwrap_or_default()))
    }
}
