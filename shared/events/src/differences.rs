//! What a server has instead of what it was asked for.

use std::fmt::Debug;

use crate::Error;

/// The settings that differ, each with what was asked and what is there.
#[derive(Default)]
pub(crate) struct Differences(Vec<String>);

impl Differences {
    /// Compares one setting.
    pub(crate) fn compare<T: PartialEq + Debug>(&mut self, setting: &str, asked: &T, has: &T) -> &mut Self {
        if asked != has {
            self.0.push(format!("{setting} is {has:?} instead of {asked:?}"));
        }
        self
    }

    /// Whether there is any.
    pub(crate) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Nothing if there is none.
    pub(crate) fn none_of(self, what: impl FnOnce() -> String) -> Result<(), Error> {
        if self.any() {
            return Err(Error::Differs(what(), self.0.join(", ")));
        }
        Ok(())
    }
}
