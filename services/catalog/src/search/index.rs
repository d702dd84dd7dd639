//! The documents, on disk or in memory: what is visible of them, and the way to their one [`Writer`].

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tantivy::{IndexReader, ReloadPolicy};
use tokio::sync::watch;

use super::{
    document::Entry,
    folder::{self, Unopened},
    position::Position,
    schema::{Fields, register},
    view::{Columns, View, columns},
    writer::Writer,
};

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

impl Index {
    /// Opens the index that stands in a folder of its own below this one; where there is none of use, an empty one is made: all that is in
    /// it comes from the database. Without a folder it is in memory.
    ///
    /// # Errors
    /// A folder that cannot be read or written.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, Unopened> {
        let (schema, fields) = Fields::new();
        match folder {
            Some(folder) => folder::open(folder, &schema, |index| Self::of(index, fields.clone())),
            None => Ok(Self::of(tantivy::Index::create_in_ram(schema), fields)?),
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
                writer: Mutex::new(Writer::of(index.clone())),
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
            entries
                .iter()
                .try_for_each(|entry| writer.put(&self.inner.fields, &view.searcher, entry))
        })
    }

    /// Forgets every document, once this is committed.
    pub(crate) fn clear(&self) -> tantivy::Result<()> {
        self.write(Writer::clear)
    }

    /// Makes what was put durable and visible, together with how far it follows the stream.
    pub(crate) fn commit(&self, position: Position) -> tantivy::Result<()> {
        self.write(|writer| writer.commit(position))?;
        self.show()?;
        self.complete();
        Ok(())
    }

    /// Whether something was put, or all was forgotten, since the last commit.
    pub(crate) fn is_dirty(&self) -> bool {
        self.writer().is_dirty()
    }

    /// Lets go of the writer's threads and memory until there is something to write again. What was not committed comes again.
    pub(crate) fn rest(&self) -> tantivy::Result<()> {
        if self.writer().rest()? {
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

    /// Works with the writer. One that failed refuses everything from then on, so it is let go: what it did not commit comes again.
    fn write(&self, work: impl FnOnce(&mut Writer) -> tantivy::Result<()>) -> tantivy::Result<()> {
        let mut writer = self.writer();
        let written = work(&mut writer);
        if written.is_err() {
            writer.let_go();
        }
        written
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic in the writer leaves at worst what is not committed, and that comes again.
        self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
