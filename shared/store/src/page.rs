//! Pages of what a table has.

use std::{convert::Infallible, hash::Hash};

use kernel::{Page, PageToken};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IdenStatic, Iterable, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{Aggregate, Corrupt, Error, Store, Stored};

impl Store {
    /// A page of these aggregates, the newest first, and the token of the next page. Ids of one kind sort by the time of their making.
    ///
    /// # Errors
    /// A database that does not answer, or a row that the domain refuses.
    pub async fn newest<A: Aggregate, L: Hash>(
        &self,
        select: Select<A::Entity>,
        page: &Page<L>,
    ) -> Result<(Vec<Stored<A>>, String), Error<Infallible>> {
        let mut found = self.select::<A>(newest_first(select, page)).await?;
        let next = page.cut(&mut found, |item| PageToken::at(item.id()));
        Ok((found, next))
    }

    /// A page of these aggregates, the greatest in this column first, and the token of the next page. `position` is what a row has there.
    ///
    /// # Errors
    /// As [`Store::newest`].
    pub async fn latest<A: Aggregate, L: Hash>(
        &self,
        select: Select<A::Entity>,
        column: <A::Entity as EntityTrait>::Column,
        position: impl Fn(&<A::Entity as EntityTrait>::Model) -> i64,
        page: &Page<L>,
    ) -> Result<(Vec<Stored<A>>, String), Error<Infallible>> {
        let rows = latest_first(select, column, page).all(self.db()).await?;
        let items = rows.into_iter().map(|row| Ok((position(&row), A::from_row(row)?)));
        let mut items = items.collect::<Result<Vec<_>, Corrupt>>()?;
        let next = page.cut(&mut items, |(position, item)| PageToken {
            position: *position,
            id: item.id().into(),
        });
        Ok((items.into_iter().map(|(_, item)| item).collect(), next))
    }
}

/// The rows of a page by their ids, and one more when there are more.
pub fn newest_first<E: EntityTrait, L: Hash>(select: Select<E>, page: &Page<L>) -> Select<E> {
    let id = id::<E>();
    let behind = page.after().map(|after| id.lt(after.id));
    select
        .filter(Condition::all().add_option(behind))
        .order_by_desc(id)
        .limit(page.limit())
}

/// The rows of a page by this column, and by their ids where it is the same; and one more when there are more.
pub fn latest_first<E: EntityTrait, L: Hash>(select: Select<E>, column: E::Column, page: &Page<L>) -> Select<E> {
    let id = id::<E>();
    // The bound on the column alone is what an index can begin at; the rest tells those apart that have the same there.
    let behind = page.after().map(|after| {
        let further = Condition::any().add(column.lt(after.position)).add(id.lt(after.id));
        Condition::all().add(column.lte(after.position)).add(further)
    });
    select
        .filter(Condition::all().add_option(behind))
        .order_by_desc(column)
        .order_by_desc(id)
        .limit(page.limit())
}

fn id<E: EntityTrait>() -> E::Column {
    E::Column::iter()
        .find(|column| column.as_str() == "id")
        .expect("every table that is listed has a column `id`")
}
