//! The documents, on disk or in memory, and the one writer of them.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use kernel::{CategoryId, ProductId};
use proto::catalog::v1;
use tantivy::{
    IndexReader, IndexWriter, ReloadPolicy, Searcher, Term, collector::TopDocs, directory::MmapDirectory, indexer::IndexWriterOptions,
    query::TermQuery, schema::IndexRecordOption,
};
use tokio::sync::watch;

use super::{
    document,
    position::Position,
    schema::{Fields, register},
    view::{Columns, View, columns},
};

/// What the writer may hold before it writes a segment, in bytes.
const WRITER_BYTES: usize = 32_000_000;

/// The index of one process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Index {
    inner: Arc<Inner>,
}

struct Inner {
    pub(super) fields: Fields,
    reader: IndexReader,
    view: RwLock<Arc<View>>,
    columns: Columns,
    writer: Mutex<Writer>,
    /// Whether there is an answer to every question: nobody is told that there is nothing, only because it was not put here yet.
    complete: watch::Sender<bool>,
    index: tantivy::Index,
}

/// The writer, whose threads and memory are there only while there is something to write.
#[derive(Default)]
struct Writer {
    tantivy: Option<IndexWriter>,
    /// The versions of what is not committed yet.
    pending: HashMap<ProductId, i64>,
    /// Nothing of what is committed will be left.
    cleared: bool,
}

/// A product as the index is to have it.
pub(crate) struct Entry {
    pub(crate) id: ProductId,
    pub(crate) version: i64,
    pub(crate) product: v1::Product,
    /// Its category and all above it.
    pub(crate) path: Vec<CategoryId>,
}

impl Index {
    /// Opens the index in a folder; a folder that has none, or one that is not ours or cannot be read any more, gets an empty one: all that is in it comes
    /// from the database. Without a folder it is in memory.
    pub(crate) fn open(folder: Option<&Path>) -> tantivy::Result<Self> {
        let (schema, fields) = Fields::new();
        let Some(folder) = folder else {
            return Self::of(tantivy::Index::create_in_ram(schema), fields);
        };
        std::fs::create_dir_all(folder)?;
        let directory = MmapDirectory::open(folder)?;
        match tantivy::Index::open_or_create(directory, schema.clone()).and_then(|index| Self::of(index, fields.clone())) {
            Ok(index) => Ok(index),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "the search index is not one of ours and is made anew");
                std::fs::remove_dir_all(folder)?;
                std::fs::create_dir_all(folder)?;
                Self::of(tantivy::Index::create_in_dir(folder, schema)?, fields)
            }
        }
    }

    fn of(index: tantivy::Index, fields: Fields) -> tantivy::Result<Self> {
        register(&index);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self {
            inner: Arc::new(Inner {
                fields,
                view: RwLock::new(Arc::new(View::latest(&reader)?)),
                columns: columns(),
                reader,
                writer: Mutex::default(),
                complete: watch::Sender::new(false),
                index,
            }),
        })
    }

    /// How far the committed documents follow the stream; nothing for an empty index.
    pub(crate) fn position(&self) -> tantivy::Result<Option<Position>> {
        let payload = self.inner.index.load_metas()?.payload;
        Ok(payload.and_then(|payload| Position::read(&payload)))
    }

    /// Whether it can be asked.
    pub(crate) fn is_complete(&self) -> bool {
        *self.inner.complete.borrow()
    }

    /// Waits until it can be asked.
    pub(crate) async fn completed(&self) {
        // It fails when there is no sender any more, and we have it.
        let _ = self.inner.complete.subscribe().wait_for(|complete| *complete).await;
    }

    /// What is committed is all that there was at some time, and may be asked for.
    pub(super) fn complete(&self) {
        self.inner.complete.send_replace(true);
    }

    /// Replaces the documents of these products, unless they have newer versions already.
    pub(crate) fn put(&self, entries: &[Entry]) -> tantivy::Result<()> {
        let view = self.view();
        self.write(|writer| {
            for entry in entries {
                let known = match writer.pending.get(&entry.id) {
                    Some(version) => Some(*version),
                    None if writer.cleared => None,
                    None => self.version_of(&view.searcher, entry.id)?,
                };
                if known.is_some_and(|known| known >= entry.version) {
                    continue;
                }
                let tantivy = writer.open(&self.inner.index)?;
                tantivy.delete_term(self.id_term(entry.id));
                let fields = &self.inner.fields;
                tantivy.add_document(document::of(fields, entry.id, entry.version, &entry.product, &entry.path))?;
                writer.pending.insert(entry.id, entry.version);
            }
            Ok(())
        })
    }

    /// Forgets every document, once this is committed.
    pub(crate) fn clear(&self) -> tantivy::Result<()> {
        self.write(|writer| {
            // What another feed put and did not commit is no part of this either.
            let tantivy = writer.open(&self.inner.index)?;
            tantivy.rollback()?;
            tantivy.delete_all_documents()?;
            writer.pending.clear();
            writer.cleared = true;
            Ok(())
        })
    }

    /// Makes what was put durable and visible, together with how far it follows the stream.
    pub(crate) fn commit(&self, position: Position) -> tantivy::Result<()> {
        self.write(|writer| {
            let mut commit = writer.open(&self.inner.index)?.prepare_commit()?;
            commit.set_payload(&position.to_string());
            commit.commit()?;
            writer.pending.clear();
            writer.cleared = false;
            Ok(())
        })?;
        self.show()?;
        self.complete();
        Ok(())
    }

    /// Whether something was put, or all was forgotten, since the last commit.
    pub(crate) fn is_dirty(&self) -> bool {
        let writer = self.writer();
        writer.cleared || !writer.pending.is_empty()
    }

    /// Lets go of the writer's threads and memory until there is something to write again, once what they still do is done. What was not committed comes
    /// again.
    pub(crate) fn rest(&self) -> tantivy::Result<()> {
        let mut writer = self.writer();
        if let Some(tantivy) = writer.tantivy.take() {
            *writer = Writer::default();
            tantivy.wait_merging_threads()?;
            // Segments that were merged meanwhile are searched as one.
            self.show()?;
        }
        Ok(())
    }

    /// Shows what is committed.
    fn show(&self) -> tantivy::Result<()> {
        self.inner.reader.reload()?;
        let latest = Arc::new(View::latest(&self.inner.reader)?);
        *self.inner.view.write().unwrap_or_else(PoisonError::into_inner) = latest;
        Ok(())
    }

    /// Which commit is visible now: another one has another number.
    pub(crate) fn shown(&self) -> u64 {
        self.view().searcher.generation().generation_id()
    }

    /// What is visible now.
    pub(super) fn view(&self) -> Arc<View> {
        Arc::clone(&self.inner.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Columns that were opened before.
    pub(super) fn columns(&self) -> &Columns {
        &self.inner.columns
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.inner.fields
    }

    fn id_term(&self, id: ProductId) -> Term {
        Term::from_field_bytes(self.inner.fields.id, id.uuid().as_bytes())
    }

    fn version_of(&self, searcher: &Searcher, id: ProductId) -> tantivy::Result<Option<i64>> {
        let query = TermQuery::new(self.id_term(id), IndexRecordOption::Basic);
        let versions = TopDocs::with_limit(1).order_by_fast_field::<i64>("version", tantivy::Order::Desc);
        Ok(searcher.search(&query, &versions)?.first().and_then(|(version, _)| *version))
    }

    /// Works with the writer. One that failed refuses everything from then on, so it is let go: what it did not commit comes again.
    fn write(&self, work: impl FnOnce(&mut Writer) -> tantivy::Result<()>) -> tantivy::Result<()> {
        let mut writer = self.writer();
        let written = work(&mut writer);
        if written.is_err() {
            *writer = Writer::default();
        }
        written
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Writer> {
        // A panic in the writer leaves at worst what is not committed, and that comes again.
        self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    fn open(&mut self, index: &tantivy::Index) -> tantivy::Result<&mut IndexWriter> {
        let writer = match self.tantivy.take() {
            Some(writer) => writer,
            None => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(WRITER_BYTES)
                    .build();
                index.writer_with_options(options)?
            }
        };
        Ok(self.tantivy.insert(writer))
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Time, uuid::Uuid};

    use super::*;
    use crate::search::Question;

    fn entry(version: i64, title: &str) -> Entry {
        Entry {
            id: ProductId::from_uuid(Uuid::from_u128(7)),
            version,
            product: v1::Product {
                title: title.to_owned(),
                state: v1::ProductState::Published.into(),
                ..v1::Product::default()
            },
            path: Vec::new(),
        }
    }

    fn at(sequence: u64) -> Position {
        Position {
            stream: Time::from_micros(5),
            sequence,
            newest: None,
        }
    }

    fn found(index: &Index, text: &str) -> u64 {
        let question = Question {
            text: text.to_owned(),
            limit: 1,
            ..Question::default()
        };
        index.ask(&question).unwrap().total
    }

    #[test]
    fn an_older_version_never_replaces_a_newer_one_committed_or_not() {
        let index = Index::open(None).unwrap();
        index.put(&[entry(2, "second"), entry(1, "first")]).unwrap();
        index.commit(at(1)).unwrap();
        assert_eq!((found(&index, "second"), found(&index, "first")), (1, 0));
        index.put(&[entry(1, "first")]).unwrap();
        index.put(&[entry(2, "other")]).unwrap();
        index.commit(at(2)).unwrap();
        assert_eq!((found(&index, "second"), found(&index, "first"), found(&index, "other")), (1, 0, 0));
        index.put(&[entry(3, "third")]).unwrap();
        index.commit(at(3)).unwrap();
        assert_eq!((found(&index, "second"), found(&index, "third")), (0, 1));
    }

    #[test]
    fn a_folder_keeps_the_documents_and_how_far_they_follow_the_stream() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("index");
        let index = Index::open(Some(&folder)).unwrap();
        assert_eq!(index.position().unwrap(), None);
        index.put(&[entry(1, "first")]).unwrap();
        index.commit(at(41)).unwrap();
        index.put(&[entry(2, "lost")]).unwrap();
        drop(index);
        let index = Index::open(Some(&folder)).unwrap();
        assert_eq!(
            (index.position().unwrap(), found(&index, "first"), found(&index, "lost")),
            (Some(at(41)), 1, 0)
        );
    }

    #[test]
    fn what_was_there_is_found_until_the_rebuilt_index_is_complete() {
        let index = Index::open(None).unwrap();
        index.put(&[entry(5, "old")]).unwrap();
        index.commit(at(1)).unwrap();
        index.clear().unwrap();
        index.put(&[entry(3, "restored")]).unwrap();
        assert_eq!(found(&index, "old"), 1);
        index.commit(at(2)).unwrap();
        assert_eq!((found(&index, "old"), found(&index, "restored")), (0, 1));
    }

    #[test]
    fn a_writer_that_rested_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(Some(folder.path())).unwrap();
        index.rest().unwrap();
        for version in 1..=20_i64 {
            assert!(!index.is_dirty());
            index.put(&[entry(version, &format!("number{version}"))]).unwrap();
            assert!(index.is_dirty());
            index.commit(at(version.unsigned_abs())).unwrap();
            index.rest().unwrap();
        }
        assert_eq!((found(&index, "number20"), found(&index, "number19")), (1, 0));
        index.put(&[entry(20, "known")]).unwrap();
        assert!(!index.is_dirty(), "what is known needs no writer");
    }

    #[test]
    fn a_writer_that_broke_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (here, away) = (folder.path().join("index"), folder.path().join("away"));
        let index = Index::open(Some(&here)).unwrap();
        index.put(&[entry(1, "first")]).unwrap();
        index.commit(at(1)).unwrap();
        std::fs::rename(&here, &away).unwrap();
        index.put(&[entry(2, "second")]).unwrap();
        index.commit(at(2)).unwrap_err();
        std::fs::rename(&away, &here).unwrap();
        assert_eq!(index.position().unwrap(), Some(at(1)), "so that is where the feed begins again");
        index.put(&[entry(2, "second")]).unwrap();
        index.commit(at(2)).unwrap();
        assert_eq!((found(&index, "first"), found(&index, "second")), (0, 1));
    }

    #[test]
    fn an_index_can_be_asked_once_all_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(Some(folder.path())).unwrap();
        index.put(&[entry(1, "first")]).unwrap();
        assert!(!index.is_complete());
        index.commit(at(1)).unwrap();
        assert!(index.is_complete());
        drop(index);
        let index = Index::open(Some(folder.path())).unwrap();
        assert!(!index.is_complete(), "whose it is has to be seen first");
    }

    #[test]
    fn a_folder_with_something_else_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let other = tantivy::schema::Schema::builder().build();
        tantivy::Index::create_in_dir(folder.path(), other).unwrap();
        let index = Index::open(Some(folder.path())).unwrap();
        assert_eq!(index.position().unwrap(), None);
    }

    #[test]
    fn a_folder_whose_files_were_damaged_is_made_anew() {
        for damage in [String::new(), "damaged".repeat(100)] {
            let folder = tempfile::tempdir().unwrap();
            let index = Index::open(Some(folder.path())).unwrap();
            index.put(&[entry(1, "found")]).unwrap();
            index.commit(at(1)).unwrap();
            drop(index);
            let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
            for file in files.filter(|file| file.extension().is_some_and(|extension| extension != "json")) {
                std::fs::write(file, &damage).unwrap();
            }
            let index = Index::open(Some(folder.path())).unwrap();
            assert_eq!((index.position().unwrap(), found(&index, "found")), (None, 0));
            index.put(&[entry(2, "again")]).unwrap();
            index.commit(at(2)).unwrap();
            assert_eq!(found(&index, "again"), 1);
        }
    }
}
