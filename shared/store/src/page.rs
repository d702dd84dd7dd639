//! Pages of lists, found by the key of the last row and never by counting, so that what is added meanwhile neither hides a row nor repeats one.
//!
//! A query reads one row more than the page has, by which [`cut`] knows whether there is another page.

use std::hash::Hash;

use kernel::PageToken;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// The page behind `after`, the newest first: later ids sort later.
pub fn newest_first<E: EntityTrait>(query: Select<E>, id: E::Column, after: Option<PageToken>, size: u64) -> Select<E> {
    let behind = after.map(|after| id.lt(after.id));
    query.filter(Condition::all().add_option(behind)).order_by_desc(id).limit(size + 1)
}

/// The page behind `after`, the latest first by a column that holds times; ids tell those of the same time apart.
pub fn latest_first<E: EntityTrait>(
    query: Select<E>,
    (time, id): (E::Column, E::Column),
    after: Option<PageToken>,
    size: u64,
) -> Select<E> {
    // The bound on time alone is what an index can begin at.
    let behind = after.map(|after| {
        let further = Condition::any().add(time.lt(after.position)).add(id.lt(after.id));
        Condition::all().add(time.lte(after.position)).add(further)
    });
    query
        .filter(Condition::all().add_option(behind))
        .order_by_desc(time)
        .order_by_desc(id)
        .limit(size + 1)
}

/// Cuts what was read to the size of a page, and gives the token of the next page; an empty one when there is none. `key` tells where a row stands in
/// the list: its position, 0 where ids alone decide, and its id.
pub fn cut<R>(rows: &mut Vec<R>, size: u64, list: &impl Hash, key: impl Fn(&R) -> (i64, Uuid)) -> String {
    let size = usize::try_from(size).expect("a page has at most a hundred rows");
    if rows.len() <= size {
        return String::new();
    }
    rows.truncate(size);
    rows.last().map_or_else(String::new, |last| {
        let (position, id) = key(last);
        PageToken { position, id }.encode(list)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_there_is_another_one_and_where_it_begins() {
        let key = |row: &i64| (*row, Uuid::from_u128(row.unsigned_abs().into()));
        let mut rows = vec![1, 2, 3];
        let token = cut(&mut rows, 2, &"list", key);
        assert_eq!(rows, [1, 2]);
        let (position, id) = key(&2);
        assert_eq!(PageToken::decode(&token, &"list"), Ok(Some(PageToken { position, id })));
        assert_eq!(cut(&mut rows, 2, &"list", key), "");
        assert_eq!(rows, [1, 2]);
    }
}
