//! Imports products from files.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};

use super::gateway::Gateway;
use crate::{
    import::{self, Source},
    output::say,
    steps::Steps,
};

/// What is imported.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    gateway: Gateway,
}

#[derive(Subcommand)]
enum What {
    /// Products in Icecat's format, one JSON object a line.
    Products {
        /// The files, gzipped or not.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Imports, showing how far it is, and tells what was rejected and why.
///
/// # Errors
/// A file that cannot be read, a gateway that refuses the whole, or files of which nothing is on the market.
pub fn run(options: Options) -> Result<()> {
    let What::Products { files } = options.what;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let source = Source::of(files)?;
    let gateway = options.gateway.client();
    runtime.block_on(gateway.must_answer())?;
    let steps = Steps::new("products", source.lines)?;
    let imported = runtime.block_on(import::products(&gateway, &source, |read| steps.reach(read)))?;
    steps.finish();
    say(format_args!(
        "{} products were listed, {} changed, {} were the same already; {} rows were rejected",
        imported.listed,
        imported.changed,
        imported.unchanged,
        imported.rejected.len()
    ));
    if imported.without_gtin > 0 {
        say(format_args!("rows without a valid EAN: {}", imported.without_gtin));
    }
    for rejected in &imported.rejected {
        say(rejected);
    }
    let known = imported.listed + imported.changed + imported.unchanged;
    ensure!(
        known > 0 || !imported.rejected.is_empty(),
        "nothing was imported: there is no row in the files"
    );
    ensure!(known > 0, "nothing was imported: every row was rejected");
    Ok(())
}
