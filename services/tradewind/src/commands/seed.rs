//! Fills a market with demo goods.

use anyhow::Result;
use clap::Args;

use crate::{client::Client, seed};

/// Which market.
#[derive(Args)]
pub struct Options {
    /// The gateway's URL.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    gateway: String,
    /// Who makes the categories: an operator with the demo market's password.
    #[arg(long, default_value = seed::OPERATOR)]
    operator: String,
}

/// Fills it, showing how far it is.
///
/// # Errors
/// What the gateway refuses.
pub fn run(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let count = runtime.block_on(seed::fill(&Client::new(options.gateway), &options.operator))?;
    println!("{count} products are on the market");
    Ok(())
}
