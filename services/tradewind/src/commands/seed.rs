//! Fills a market with demo goods.

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::gateway::Gateway;
use crate::{client::Client, output::say, seed};

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
    let count = runtime.block_on(fill(&gateway, &options.operator))?;
    say(format_args!("{count} products are on the market"));
    Ok(())
}

/// Fills it with a progress bar on a terminal.
pub(crate) async fn fill(gateway: &Client, operator: &str) -> Result<usize> {
    let bar = ProgressBar::new(0)
        .with_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}")?)
        .with_message("demo market");
    let filled = seed::fill(gateway, operator, |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })
    .await;
    bar.finish_and_clear();
    filled
}
