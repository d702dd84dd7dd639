//! Fills a market with demo goods.

use anyhow::Result;
use clap::Args;

use super::gateway::Gateway;
use crate::{output::say, seed};

/// Which market.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    gateway: Gateway,
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
    let gateway = options.gateway.client();
    runtime.block_on(gateway.must_answer())?;
    let count = runtime.block_on(seed::fill(&gateway, &options.operator))?;
    say(format_args!("{count} products are on the market"));
    Ok(())
}
