//! The index: newer versions win, what is committed stays, what is damaged is made anew and nothing else is touched.

use std::{fs, path::Path};

use kernel::{ProductId, Time, uuid::Uuid};
use proto::catalog::v1;

use super::{ask::Question, document::Entry, folder::OWN, index::Index, position::Position};

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

/// An index in this folder with one document, as a process leaves it that ends.
fn leave_one(folder: &Path) {
    let index = Index::open(Some(folder)).unwrap();
    index.put(&[entry(1, "found")]).unwrap();
    index.commit(at(1)).unwrap();
}

#[test]
fn an_index_of_another_schema_is_made_anew_and_what_stands_beside_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join(OWN);
    fs::create_dir(&own).unwrap();
    fs::write(folder.path().join("catalog.db"), "not ours").unwrap();
    let other = tantivy::schema::Schema::builder().build();
    tantivy::Index::create_in_dir(&own, other).unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    assert_eq!(index.position().unwrap(), None);
    assert_eq!(fs::read_to_string(folder.path().join("catalog.db")).unwrap(), "not ours");
}

#[test]
fn an_index_whose_files_were_damaged_is_made_anew() {
    for damage in [String::new(), "damaged".repeat(100)] {
        for (what, described) in [("what describes the index", true), ("segments", false)] {
            let folder = tempfile::tempdir().unwrap();
            leave_one(folder.path());
            let files = fs::read_dir(folder.path().join(OWN)).unwrap().map(|file| file.unwrap().path());
            for file in files.filter(|file| file.extension().is_some_and(|extension| (extension == "json") == described)) {
                fs::write(file, &damage).unwrap();
            }
            let index = Index::open(Some(folder.path())).unwrap();
            assert_eq!((index.position().unwrap(), found(&index, "found")), (None, 0), "{what}");
            index.put(&[entry(2, "again")]).unwrap();
            index.commit(at(2)).unwrap();
            assert_eq!(found(&index, "again"), 1, "{what}");
        }
    }
}

#[test]
fn an_index_that_misses_a_file_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    leave_one(folder.path());
    let mut files = fs::read_dir(folder.path().join(OWN)).unwrap().map(|file| file.unwrap().path());
    let columns = files.find(|file| file.extension().is_some_and(|extension| extension == "fast"));
    fs::remove_file(columns.unwrap()).unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    assert_eq!((index.position().unwrap(), found(&index, "found")), (None, 0));
}

#[test]
fn an_index_that_the_system_does_not_let_us_read_is_named_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    leave_one(folder.path());
    let own = folder.path().join(OWN);
    let (meta, away) = (own.join("meta.json"), own.join("away.json"));
    fs::rename(&meta, &away).unwrap();
    // Permissions do not keep root from reading; a directory is no file for anybody (EISDIR).
    fs::create_dir(&meta).unwrap();
    let error = Index::open(Some(folder.path())).err().unwrap().to_string();
    assert!(error.contains(own.to_str().unwrap()) && error.contains("directory"), "{error}");
    fs::remove_dir(&meta).unwrap();
    fs::rename(&away, &meta).unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    assert_eq!((index.position().unwrap(), found(&index, "found")), (Some(at(1)), 1));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not ours").unwrap();
    let error = Index::open(Some(&file)).err().unwrap().to_string();
    assert!(error.contains(file.to_str().unwrap()), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "not ours");
}
