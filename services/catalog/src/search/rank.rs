//! Counts what a query chooses and puts it in order, in one pass.

use tantivy::{
    DocAddress, Order as Direction, Score, Searcher,
    collector::{Collector, TopDocs},
    query::Query,
};

use super::facets::{Counter, Counts};

/// In which order products are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// The newest first where there are no words.
    #[default]
    Relevance,
    PriceAscending,
    PriceDescending,
    Newest,
}

/// What a product with all the words has over one with some, in points of the ranking: more than one rare word weighs.
const WITH_ALL: Score = 8.0;

/// What a query chose.
pub(super) struct Chosen {
    pub(super) counts: Counts,
    /// The best of it, each with its points, where relevance is the order.
    pub(super) best: Vec<(Score, DocAddress)>,
}

/// Counts, and finds so many of the best.
pub(super) fn choose(searcher: &Searcher, query: &dyn Query, counter: Counter, order: Order, count: usize) -> tantivy::Result<Chosen> {
    let top = TopDocs::with_limit(count.max(1));
    let (price, id) = ("price", "id_high");
    match order {
        Order::Relevance => {
            let (counts, best) = searcher.search(query, &(counter, top.order_by_score()))?;
            Ok(Chosen { counts, best })
        }
        Order::Newest => by_column(searcher, query, counter, top.order_by_fast_field::<u64>(id, Direction::Desc)),
        Order::PriceAscending => by_column(searcher, query, counter, top.order_by_fast_field::<i64>(price, Direction::Asc)),
        Order::PriceDescending => by_column(searcher, query, counter, top.order_by_fast_field::<i64>(price, Direction::Desc)),
    }
}

fn by_column<K: Send + 'static>(
    searcher: &Searcher,
    query: &dyn Query,
    counter: Counter,
    top: impl Collector<Fruit = Vec<(K, DocAddress)>>,
) -> tantivy::Result<Chosen> {
    let (counts, best) = searcher.search(query, &(counter, top))?;
    let best = best.into_iter().map(|(_, address)| (0.0, address)).collect();
    Ok(Chosen { counts, best })
}

impl Chosen {
    /// The same by relevance, when these of it have all the words.
    pub(super) fn after(mut self, with_all: Chosen) -> Self {
        let best = &mut self.best;
        best.retain(|(_, one)| with_all.best.iter().all(|(_, other)| one != other));
        best.extend(with_all.best.into_iter().map(|(points, address)| (points + WITH_ALL, address)));
        best.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        self
    }
}

#[cfg(test)]
mod tests {
    use kernel::{ProductId, uuid::Uuid};
    use proto::catalog::v1;

    use crate::search::{Found, Index, Question, document::Entry, position::Position};

    /// Ten red things and ten pumps, three of which are red.
    fn index() -> Index {
        let index = Index::open(None).unwrap();
        let titles = (0..20_u128).map(|number| match number {
            3 | 9 | 15 => "A pump that is red".to_owned(),
            number if number.is_multiple_of(2) => "Red ".repeat(1 + number as usize / 2),
            number => format!("Pump, {}", "long ".repeat(number as usize)),
        });
        let entry = |(number, title): (u128, String)| Entry {
            id: ProductId::from_uuid(Uuid::from_u128(number << 64)),
            version: 1,
            product: v1::Product {
                title,
                state: v1::ProductState::Published.into(),
                ..v1::Product::default()
            },
            path: Vec::new(),
        };
        index.put(&(0..).zip(titles).map(entry).collect::<Vec<_>>()).unwrap();
        index.commit(Position::default()).unwrap();
        index
    }

    fn ask(index: &Index, text: &str, offset: usize, limit: usize) -> Found {
        let question = Question {
            text: text.to_owned(),
            offset,
            limit,
            ..Question::default()
        };
        index.ask(&question).unwrap()
    }

    fn numbers(found: &Found) -> Vec<u64> {
        found.products.iter().map(|id| id.uuid().as_u64_pair().0).collect()
    }

    #[test]
    fn few_with_all_the_words_come_before_those_with_some_whatever_the_pages() {
        let index = index();
        let all = ask(&index, "red pump", 0, 50);
        assert_eq!(all.total, 20);
        let whole = numbers(&all);
        assert_eq!(whole[..3], [3, 9, 15]);
        assert_eq!(whole.iter().collect::<std::collections::BTreeSet<_>>().len(), 20, "{whole:?}");
        for size in [1, 2, 7] {
            let pages = (0..20).step_by(size).map(|offset| numbers(&ask(&index, "red pump", offset, size)));
            assert_eq!(pages.collect::<Vec<_>>().concat(), whole, "pages of {size}");
        }
    }

    #[test]
    fn where_there_are_no_words_the_newest_come_first() {
        let index = index();
        for text in ["", "®!"] {
            assert_eq!(numbers(&ask(&index, text, 0, 3)), [19, 18, 17], "{text:?}");
        }
    }
}
