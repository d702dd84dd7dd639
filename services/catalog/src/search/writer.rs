//! The one writer of the documents, whose threads and memory are there only while there is something to write.

use std::collections::HashMap;

use kernel::ProductId;
use tantivy::{IndexWriter, Searcher, Term, collector::TopDocs, indexer::IndexWriterOptions, query::TermQuery, schema::IndexRecordOption};

use super::{
    document::{self, Entry},
    position::Position,
    schema::Fields,
};

/// What it may hold before it writes a segment, in bytes.
const BYTES: usize = 32_000_000;

pub(super) struct Writer {
    index: tantivy::Index,
    tantivy: Option<IndexWriter>,
    /// The versions of what is not committed yet.
    pending: HashMap<ProductId, i64>,
    /// Nothing of what is committed will be left.
    cleared: bool,
}

impl Writer {
    pub(super) fn of(index: tantivy::Index) -> Self {
        Self {
            index,
            tantivy: None,
            pending: HashMap::new(),
            cleared: false,
        }
    }

    /// Replaces the product's document, unless there is a newer one, not committed or visible to this searcher.
    pub(super) fn put(&mut self, fields: &Fields, committed: &Searcher, entry: &Entry) -> tantivy::Result<()> {
        let term = Term::from_field_bytes(fields.id, entry.id.uuid().as_bytes());
        let known = match self.pending.get(&entry.id) {
            Some(version) => Some(*version),
            None if self.cleared => None,
            None => version_of(committed, &term)?,
        };
        if known.is_some_and(|known| known >= entry.version) {
            return Ok(());
        }
        let tantivy = self.open()?;
        tantivy.delete_term(term);
        tantivy.add_document(document::of(fields, entry))?;
        self.pending.insert(entry.id, entry.version);
        Ok(())
    }

    /// Forgets every document, once this is committed.
    pub(super) fn clear(&mut self) -> tantivy::Result<()> {
        // What another feed put and did not commit is no part of this either.
        let tantivy = self.open()?;
        tantivy.rollback()?;
        tantivy.delete_all_documents()?;
        self.pending.clear();
        self.cleared = true;
        Ok(())
    }

    /// Makes what was put durable, together with how far it follows the stream.
    pub(super) fn commit(&mut self, position: Position) -> tantivy::Result<()> {
        let mut commit = self.open()?.prepare_commit()?;
        commit.set_payload(&position.to_string());
        commit.commit()?;
        self.pending.clear();
        self.cleared = false;
        Ok(())
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.cleared || !self.pending.is_empty()
    }

    /// Lets go once what the threads still do is done; whether there was anything to let go of.
    pub(super) fn rest(&mut self) -> tantivy::Result<bool> {
        let Some(tantivy) = self.let_go() else { return Ok(false) };
        tantivy.wait_merging_threads()?;
        Ok(true)
    }

    /// Forgets what was not committed.
    pub(super) fn let_go(&mut self) -> Option<IndexWriter> {
        self.pending.clear();
        self.cleared = false;
        self.tantivy.take()
    }

    fn open(&mut self) -> tantivy::Result<&mut IndexWriter> {
        let writer = match self.tantivy.take() {
            Some(writer) => writer,
            None => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(BYTES)
                    .build();
                self.index.writer_with_options(options)?
            }
        };
        Ok(self.tantivy.insert(writer))
    }
}

fn version_of(searcher: &Searcher, id: &Term) -> tantivy::Result<Option<i64>> {
    let query = TermQuery::new(id.clone(), IndexRecordOption::Basic);
    let versions = TopDocs::with_limit(1).order_by_fast_field::<i64>("version", tantivy::Order::Desc);
    Ok(searcher.search(&query, &versions)?.first().and_then(|(version, _)| *version))
}
