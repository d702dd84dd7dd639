//! The figures: told as they come, kept in a flat map.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};

/// A flat map from a metric's name to its value.
#[derive(Default)]
pub(crate) struct Report(BTreeMap<String, f64>);

impl Report {
    /// Tells and keeps a figure.
    pub(crate) fn add(&mut self, name: &str, value: f64) {
        println!("{name:<44} {value:>12.3}");
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, serde_json::to_string_pretty(&self.0)?).with_context(|| format!("writing {}", file.display()))?;
        println!("written to {}", file.display());
        Ok(())
    }
}
