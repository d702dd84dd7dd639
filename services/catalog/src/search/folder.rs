//! The folder that the index stands in. It is our own, inside the one that the settings name: whatever else is there is not ours to touch.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tantivy::{
    TantivyError,
    directory::{MmapDirectory, error::OpenReadError},
    schema::Schema,
};

/// What our own folder is called.
pub(super) const OWN: &str = "products.tantivy";

/// Why an index cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unopened {
    #[error("the search index in {} cannot be opened: {cause}", folder.display())]
    Folder { folder: PathBuf, cause: TantivyError },
    #[error("the search index cannot be held in memory: {0}")]
    Memory(#[from] TantivyError),
}

/// Opens the index of this schema in our own folder below `named`, and reads it. One that has another schema, or whose files are damaged,
/// is removed and made anew, empty. What the system refuses, such as to open a file, is an error, for the index may be good.
pub(super) fn open<T>(named: &Path, schema: &Schema, read: impl Fn(tantivy::Index) -> tantivy::Result<T>) -> Result<T, Unopened> {
    let folder = named.join(OWN);
    let opened = match open_or_create(&folder, schema).and_then(&read) {
        Err(error) if is_of_no_use(&error) => {
            tracing::warn!(folder = %folder.display(), %error, "the search index is of no use and is made anew");
            fs::remove_dir_all(&folder)
                .map_err(TantivyError::from)
                .and_then(|()| open_or_create(&folder, schema))
                .and_then(read)
        }
        opened => opened,
    };
    opened.map_err(|cause| Unopened::Folder { folder, cause })
}

fn open_or_create(folder: &Path, schema: &Schema) -> tantivy::Result<tantivy::Index> {
    fs::create_dir_all(folder)?;
    tantivy::Index::open_or_create(MmapDirectory::open(folder)?, schema.clone())
}

/// Whether an error tells that the files were read, and say something that no index of ours says. An error of input and output is about
/// what they say only where the system did not give it a number.
fn is_of_no_use(error: &TantivyError) -> bool {
    match error {
        TantivyError::SchemaError(_)
        | TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_)) => true,
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) | TantivyError::IoError(io_error) => {
            io_error.raw_os_error().is_none()
        }
        _ => false,
    }
}
