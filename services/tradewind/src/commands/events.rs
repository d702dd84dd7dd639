//! Events: published again from a service's outbox, which keeps them for a week.

use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::door::Door;
use crate::events;

/// What is done about them.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    door: Door,
}

#[derive(Subcommand)]
enum What {
    /// Publish events again that a broker lost. Consumers know those that they had.
    Replay {
        /// Whose events; all services' when none is named.
        #[arg(long)]
        service: Vec<String>,
        /// Since when: a time such as 2026-11-23T08:00:00Z, or so long ago, such as 90s, 30m, 2h or 7d.
        #[arg(long)]
        since: String,
        /// How long to wait, in seconds, until everything is published.
        #[arg(long, default_value_t = 60)]
        wait_s: u64,
    },
}

/// Does it, and waits until the events are published.
///
/// # Errors
/// What the gateway refuses; events that are not published in time.
pub fn run(options: Options) -> Result<()> {
    let What::Replay { service, since, wait_s } = &options.what;
    let patience = Duration::from_secs(*wait_s);
    options
        .door
        .enter(async |operator| events::replay(&operator, service, since, patience).await)
}
