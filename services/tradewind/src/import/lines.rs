//! Lines of several files, gzipped or not.

use std::{
    io::{self, BufRead, Read},
    path::PathBuf,
    slice::Iter,
    sync::Arc,
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::text_file;

/// What a line may have at most, in bytes: as much as a request may carry. Of a longer one nothing is kept.
pub(super) const LONGEST: usize = 1 << 20;

/// Where a line is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    file: Arc<str>,
    line: u64,
}

/// A line that is not blank; nothing when it is too long.
pub(super) struct Line {
    pub(super) place: Place,
    pub(super) bytes: Option<Vec<u8>>,
}

/// The lines of several files, one after another.
pub(super) struct Lines<'a> {
    files: Iter<'a, PathBuf>,
    open: Option<(Place, Box<dyn BufRead>)>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}, line {}", self.file, self.line)
    }
}

/// How many lines the files have, and what tells their contents from others.
pub(super) fn survey(files: &[PathBuf]) -> Result<(u64, String)> {
    let (mut count, mut digest) = (0, Sha256::new());
    for line in Lines::of(files) {
        count += 1;
        digest.update(line?.bytes.unwrap_or_default());
        digest.update(b"\n");
    }
    Ok((count, digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

impl<'a> Lines<'a> {
    pub(super) fn of(files: &'a [PathBuf]) -> Self {
        Self {
            files: files.iter(),
            open: None,
        }
    }

    fn read(&mut self) -> Result<Option<Line>> {
        loop {
            let Some((place, text)) = &mut self.open else {
                let Some(path) = self.files.next() else { return Ok(None) };
                let text = text_file::open(path).with_context(|| format!("opening {}", path.display()))?;
                let file = path.display().to_string().into();
                self.open = Some((Place { file, line: 0 }, text));
                continue;
            };
            place.line += 1;
            let read = read_line(text).with_context(|| format!("reading {place}"))?;
            let Some(bytes) = read else {
                self.open = None;
                continue;
            };
            if bytes.as_ref().is_none_or(|bytes| !bytes.trim_ascii().is_empty()) {
                let place = place.clone();
                return Ok(Some(Line { place, bytes }));
            }
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Result<Line>> {
        self.read().transpose()
    }
}

/// The next line; nothing at the end, and nothing of a line that is too long.
fn read_line(text: &mut dyn BufRead) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut line = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    if text.take(most).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() < LONGEST || line.ends_with(b"\n") {
        return Ok(Some(Some(line)));
    }
    text.skip_until(b'\n')?;
    Ok(Some(None))
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn lines(bytes: &[u8], name: &str) -> Result<Vec<(u64, Option<String>)>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        Lines::of(&[path])
            .map(|line| {
                let line = line?;
                Ok((
                    line.place.line,
                    line.bytes.map(|bytes| String::from_utf8(bytes).unwrap().trim().to_owned()),
                ))
            })
            .collect()
    }

    #[test]
    fn what_a_file_is_called_says_nothing_about_what_it_is() {
        let told = [(1, Some("a".to_owned())), (3, Some("b".to_owned()))];
        for bytes in [b"a\n\nb\n".as_slice(), b"\xef\xbb\xbfa\r\n \r\nb", &gzip(b"a\n\nb")] {
            for name in ["products.jsonl", "products.jsonl.gz"] {
                assert_eq!(lines(bytes, name).unwrap(), told);
            }
        }
        assert_eq!(lines(b"", "empty.gz").unwrap(), []);
    }

    #[test]
    fn a_gzip_file_of_several_members_is_all_of_them() {
        let members = [gzip(b"a\nb\n"), gzip(b"c\n")].concat();
        assert_eq!(lines(&members, "products.gz").unwrap().len(), 3);
    }

    #[test]
    fn a_gzip_file_that_was_cut_off_is_told_with_its_line() {
        let whole = gzip("line\n".repeat(1_000).as_bytes());
        let error = lines(&whole[..whole.len() - 9], "products.gz").unwrap_err();
        assert!(format!("{error:#}").contains("products.gz, line "), "{error:#}");
    }

    #[test]
    fn of_a_line_that_is_too_long_nothing_is_kept() {
        let text = format!("a\n{}\nb\n", "x".repeat(3 * LONGEST));
        let told = [(1, Some("a".to_owned())), (2, None), (3, Some("b".to_owned()))];
        assert_eq!(lines(text.as_bytes(), "products.jsonl").unwrap(), told);
    }

    #[test]
    fn other_contents_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let survey_of = |text: &str| {
            let path = folder.path().join("products.jsonl");
            fs::write(&path, text).unwrap();
            survey(&[path]).unwrap()
        };
        assert_eq!(survey_of("a\nb\n"), survey_of("a\nb\n"));
        assert_ne!(survey_of("a\nb\n"), survey_of("a\nc\n"));
        assert_eq!(survey_of("a\nb\n").0, 2);
    }
}
