//! What is visible at one commit, with the columns that answers are read from.
//!
//! Opening a column means to look it up and to unpack it, which costs more than a search. So ids are opened once for each commit, and texts
//! once for each segment, for segments never change.

use std::{cmp::Reverse, sync::Arc};

use kernel::{ProductId, uuid::Uuid};
use moka::sync::Cache;
use tantivy::{DocAddress, DocId, IndexReader, Searcher, SegmentReader, columnar::Column, index::SegmentId};

/// Bytes that the values of columns may take up.
pub(crate) const COLUMN_BYTES: u64 = 128 << 20;

/// How many values of one name are known of a segment: those that most of its products have. Sellers choose names and values, and nobody
/// filters by what is different in every product; so nothing grows with how many there are.
const MOST_VALUES: usize = 10_000;

/// A searcher with the ids of its documents.
pub(super) struct View {
    pub(super) searcher: Searcher,
    /// The halves of the ids, for each segment.
    ids: Vec<(Column<u64>, Column<u64>)>,
}

/// The values of one name in one segment.
pub(super) struct Texts {
    /// What the dictionary calls the values of each document.
    ordinals: Column<u64>,
    pub(super) values: Vec<Arc<str>>,
    /// The ordinals of these values in the dictionary, where it has others besides.
    known: Option<Vec<u64>>,
}

/// Columns of texts by segment and name; nothing where no document of a segment has the name.
pub(super) type Columns = Cache<(SegmentId, String), Option<Arc<Texts>>>;

/// Room for columns.
pub(super) fn columns() -> Columns {
    let weigh = |(_, name): &(SegmentId, String), texts: &Option<Arc<Texts>>| {
        let values = texts.iter().flat_map(|texts| &texts.values);
        let bytes = values.map(|value| value.len() + 32).sum::<usize>() + name.len() + 100;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    };
    Cache::builder().max_capacity(COLUMN_BYTES).weigher(weigh).build()
}

impl View {
    /// The latest commit that the reader has loaded.
    pub(super) fn latest(reader: &IndexReader) -> tantivy::Result<Self> {
        let searcher = reader.searcher();
        let ids = |segment: &SegmentReader| {
            let fast = segment.fast_fields();
            Ok((fast.u64("id_high")?, fast.u64("id_low")?))
        };
        let ids = searcher.segment_readers().iter().map(ids).collect::<tantivy::Result<_>>()?;
        Ok(Self { searcher, ids })
    }

    /// The product of a document.
    pub(super) fn product(&self, address: DocAddress) -> ProductId {
        let (high, low) = &self.ids[address.segment_ord as usize];
        let half = |column: &Column<u64>| column.first(address.doc_id).unwrap_or_default();
        ProductId::from_uuid(Uuid::from_u64_pair(half(high), half(low)))
    }

    /// The values of a name in each segment.
    pub(super) fn texts(&self, columns: &Columns, name: &str) -> tantivy::Result<Vec<Option<Arc<Texts>>>> {
        let open = |segment: &SegmentReader| {
            let key = (segment.segment_id(), name.to_owned());
            if let Some(known) = columns.get(&key) {
                return Ok(known);
            }
            let texts = Texts::open(segment, name)?.map(Arc::new);
            columns.insert(key, texts.clone());
            Ok(texts)
        };
        self.searcher.segment_readers().iter().map(open).collect()
    }
}

impl Texts {
    fn open(segment: &SegmentReader, name: &str) -> tantivy::Result<Option<Self>> {
        let Some(column) = segment.fast_fields().str(name)? else {
            return Ok(None);
        };
        let ordinals = column.ords().clone();
        let known = (column.num_terms() > MOST_VALUES).then(|| most_common(&ordinals, segment.max_doc(), column.num_terms()));
        let mut values = Vec::with_capacity(column.num_terms().min(MOST_VALUES));
        let mut terms = column.dictionary().stream()?;
        while terms.advance() {
            if known.as_ref().is_none_or(|known| known.binary_search(&terms.term_ord()).is_ok()) {
                values.push(String::from_utf8_lossy(terms.key()).into());
            }
        }
        Ok(Some(Self { ordinals, values, known }))
    }

    /// The places, among the values, of what a document has.
    pub(super) fn of(&self, document: DocId) -> impl Iterator<Item = usize> + '_ {
        self.ordinals.values_for_doc(document).filter_map(|ordinal| match &self.known {
            None => usize::try_from(ordinal).ok(),
            Some(known) => known.binary_search(&ordinal).ok(),
        })
    }
}

/// What the dictionary calls the values that most documents of a segment have, in its order.
fn most_common(ordinals: &Column<u64>, documents: DocId, terms: usize) -> Vec<u64> {
    let mut counts: Vec<(Reverse<u32>, u64)> = (0..terms as u64).map(|ordinal| (Reverse(0), ordinal)).collect();
    for ordinal in (0..documents).flat_map(|document| ordinals.values_for_doc(document)) {
        counts[ordinal as usize].0.0 += 1;
    }
    counts.select_nth_unstable(MOST_VALUES);
    let mut known: Vec<u64> = counts[..MOST_VALUES].iter().map(|(_, ordinal)| *ordinal).collect();
    known.sort_unstable();
    known
}

#[cfg(test)]
mod tests {
    use proto::catalog::v1::{self, attribute::Value};

    use super::*;
    use crate::search::{Index, Question, document::Entry, position::Position};

    #[test]
    fn of_very_many_values_the_most_common_are_known_and_counted() {
        let entry = |number: usize| {
            let serial = match number % 250 {
                0 => "unknown".to_owned(),
                _ => format!("S-{number:05}"),
            };
            let serial = v1::Attribute {
                name: "serial".to_owned(),
                value: Some(Value::Text(serial)),
                unit: String::new(),
            };
            Entry {
                id: ProductId::from_uuid(Uuid::from_u128(number as u128)),
                version: 1,
                product: v1::Product {
                    attributes: vec![serial],
                    state: v1::ProductState::Published.into(),
                    ..v1::Product::default()
                },
                path: Vec::new(),
            }
        };
        let index = Index::open(None).unwrap();
        index.put(&(0..MOST_VALUES + 500).map(entry).collect::<Vec<_>>()).unwrap();
        index.commit(Position::default()).unwrap();
        let question = Question {
            facets: vec!["serial".to_owned()],
            limit: 1,
            ..Question::default()
        };
        let found = index.ask(&question).unwrap();
        assert_eq!(found.total, 10_500);
        let (_, values) = &found.facets[0];
        assert_eq!((values.len(), &values[0]), (50, &("unknown".to_owned(), 42)));
        assert_eq!(values[1], ("S-00001".to_owned(), 1));
        let known = index.view().texts(index.columns(), "facets.serial").unwrap();
        let counts: Vec<usize> = known.iter().flatten().map(|texts| texts.values.len()).collect();
        assert_eq!(counts, [MOST_VALUES], "those that differ in every product are not all remembered");
    }
}
