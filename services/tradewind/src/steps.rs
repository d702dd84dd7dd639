//! How far something long has come: a bar on a terminal, a line for every tenth elsewhere.

use std::io::IsTerminal;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::say;

/// So many steps of something.
pub(crate) struct Steps {
    what: &'static str,
    bar: ProgressBar,
    drawn: bool,
}

impl Steps {
    pub(crate) fn new(what: &'static str, length: u64) -> Result<Self> {
        let style = ProgressStyle::with_template("{msg:<18} {bar:40} {pos}/{len} {per_sec} {eta}")?;
        Ok(Self {
            what,
            bar: ProgressBar::new(length).with_style(style).with_message(what),
            drawn: std::io::stderr().is_terminal(),
        })
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        self.reach(self.bar.position() + 1);
    }

    /// So many are done.
    pub(crate) fn reach(&self, position: u64) {
        let length = self.bar.length().unwrap_or_default().max(1);
        let tenth = |position: u64| position * 10 / length;
        if !self.drawn && tenth(position) > tenth(self.bar.position()) {
            say(format_args!("{}: {position} of {length}", self.what));
        }
        self.bar.set_position(position);
    }

    /// All that there was is done.
    pub(crate) fn finish(&self) {
        self.bar.finish();
    }
}
