//! Pages of rows: one row more than a page is read, to know whether there is another page.

use std::hash::Hash;

use kernel::{PageToken, uuid::Uuid};

/// Cuts what was read to a page of this size, and gives the token of the next page; an empty one when there is none. `key` is where a row stands in the
/// list: its position, 0 where ids alone decide, and its id.
pub(super) fn cut<R>(rows: &mut Vec<R>, size: u64, list: &impl Hash, key: impl Fn(&R) -> (i64, Uuid)) -> String {
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
