//! Imports products from files.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::{
    client::Client,
    import::{self, Source},
    steps::Steps,
};

/// What is imported.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
    /// The gateway's URL.
    #[arg(long, global = true, default_value = "http://127.0.0.1:8080")]
    gateway: String,
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
/// A file that cannot be read, or a gateway that refuses the whole.
pub fn run(options: Options) -> Result<()> {
    let What::Products { files } = options.what;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let source = Source::of(files)?;
    let gateway = Client::new(options.gateway);
    runtime.block_on(gateway.must_answer())?;
    let steps = Steps::new("products", source.lines)?;
    let imported = runtime.block_on(import::products(&gateway, &source, |read| steps.reach(read)))?;
    steps.finish();
    println!(
        "{} products were listed, {} changed, {} were the same already; {} rows were rejected",
        imported.listed,
        imported.changed,
        imported.unchanged,
        imported.rejected.len()
    );
    if imported.without_gtin > 0 {
        println!("rows without a valid EAN: {}", imported.without_gtin);
    }
    for rejected in &imported.rejected {
        println!("{rejected}");
    }
    Ok(())
}
