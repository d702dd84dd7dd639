//! What the program says on its standard output. A reader that went away, or a disk that is full, ends nothing: what cannot be printed is
//! dropped, and whoever started the program is told at the end.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

use anyhow::{Result, bail};

/// Why something was dropped first.
static DROPPED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line.
pub(crate) fn say(line: impl Display) {
    printed(writeln!(io::stdout().lock(), "{line}"));
}

/// Takes note of what came of printing.
pub(crate) fn printed(outcome: io::Result<()>) {
    if let Err(error) = outcome {
        let _ = DROPPED.set(error);
    }
}

/// Whether everything was printed that somebody was there to read.
///
/// # Errors
/// Why something was not; a reader that went away has read what it wanted.
pub(crate) fn is_complete() -> Result<()> {
    match DROPPED.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => bail!("not everything could be printed: {error}"),
        Some(_) | None => Ok(()),
    }
}
