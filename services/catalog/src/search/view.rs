//! What is visible at one commit, with the columns that answers are read from.
//!
//! Opening a column means to look it up and to unpack it, which costs more than a search. So ids are opened once for each commit, and texts once for
//! each segment, for segments never change.

use std::sync::Arc;

use kernel::{ProductId, uuid::Uuid};
use moka::sync::Cache;
use tantivy::{DocAddress, DocId, IndexReader, Searcher, SegmentReader, columnar::Column, index::SegmentId};

/// Bytes that the values of columns may take up.
pub(crate) const COLUMN_BYTES: u64 = 128 << 20;

/// A searcher with the ids of its documents.
pub(super) struct View {
    pub(super) searcher: Searcher,
    /// The halves of the ids, for each segment.
    ids: Vec<(Column<u64>, Column<u64>)>,
}

/// The values of one name in one segment.
pub(super) struct Texts {
    places: Column<u64>,
    pub(super) values: Vec<Arc<str>>,
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
        let mut values = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream()?;
        while terms.advance() {
            values.push(String::from_utf8_lossy(terms.key()).into());
        }
        let places = column.ords().clone();
        Ok(Some(Self { places, values }))
    }

    /// The places, among the values, of what a document has.
    pub(super) fn of(&self, document: DocId) -> impl Iterator<Item = u64> + '_ {
        self.places.values_for_doc(document)
    }
}
