//! Measures the stack.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::Args;

use crate::bench::{self, Database};

/// What is measured, and for how long.
#[derive(Args)]
pub struct Options {
    /// The databases, each with a stack of its own.
    #[arg(long, value_enum, default_values_t = [Database::Postgres, Database::Sqlite])]
    db: Vec<Database>,
    /// How long each load runs.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Product files to import (see `import products`) and search; without any, products are made up.
    #[arg(long, num_args = 1..)]
    products: Vec<PathBuf>,
    /// Where the figures go.
    #[arg(long, default_value = "target/bench.json")]
    output: PathBuf,
}

/// Runs the benchmark.
///
/// # Errors
/// A stack that does not start, or a request that is refused.
pub fn run(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(bench::run(
        &options.db,
        Duration::from_secs(options.seconds),
        &options.products,
        &options.output,
    ))
}
