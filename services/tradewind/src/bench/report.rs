//! The figures: told as they come, kept in a flat map.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};

use crate::output::say;

/// What else is worth a line in the table, and its unit.
const OTHERS: [(&str, &str); 14] = [
    ("product_read.per_s", "a second"),
    ("product_list.per_s", "a second, lists of 20"),
    ("search.per_s", "a second, none asked twice"),
    ("search.cached_per_s", "a second, of 5,000 that come again"),
    ("ledger.postgres.transfers_per_s", "a second"),
    ("ledger.sqlite.transfers_per_s", "a second"),
    ("hot_sku.full.sold", "of 10 pieces, 64 buyers"),
    ("hot_sku.last.sold", "of 10 pieces, 64 baskets"),
    ("limit.postgres.commits_per_s", "a second, as many rows as a checkout"),
    ("start.ready_s", "s"),
    ("idle.rss_mb", "MB, our processes added up"),
    ("idle.pss_mb", "MB, what they share counted once"),
    ("idle.rss_mb.with_servers", "MB, NATS and PostgreSQL too"),
    ("load.rss_mb", "MB, our processes added up"),
];

/// A flat map from a metric's name to its value.
#[derive(Default)]
pub(crate) struct Report(BTreeMap<String, f64>);

impl Report {
    /// Tells and keeps a figure.
    pub(crate) fn add(&mut self, name: &str, value: f64) {
        say(format_args!("{name:<44} {value:>12.3}"));
        self.0.insert(name.to_owned(), value);
    }

    /// The main figures once more, in one table.
    pub(crate) fn tell(&self) {
        say(format_args!(
            "\n{:<24}{:>12}{:>10}{:>10}{:>18}",
            "checkouts", "a second", "p50 ms", "p99 ms", "CPU ms a checkout"
        ));
        let runs = self.0.keys().filter_map(|name| name.strip_suffix(".orders_per_s"));
        for run in runs {
            let [rate, p50, p99, cpu] = ["orders_per_s", "p50_ms", "p99_ms", "cpu_s_per_order"].map(|figure| {
                let figure = self.get(&format!("{run}.{figure}"));
                figure.unwrap_or_default()
            });
            let name = run.trim_start_matches("checkout.");
            say(format_args!("{name:<24}{rate:>12.0}{p50:>10.1}{p99:>10.1}{:>18.2}", cpu * 1_000.0));
        }
        say("");
        for (name, unit) in OTHERS {
            if let Some(value) = self.get(name) {
                say(format_args!("{name:<40}{value:>12.2}  {unit}"));
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, serde_json::to_string_pretty(&self.0)?).with_context(|| format!("writing {}", file.display()))?;
        say(format_args!("written to {}", file.display()));
        Ok(())
    }
}
