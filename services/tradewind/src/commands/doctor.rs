//! What is wrong with a running ecosystem.

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;

use super::door::Door;
use crate::{
    doctor::{Bounds, examine},
    output::say,
};

/// How thoroughly to look.
#[derive(Args)]
pub struct Options {
    /// Leave out the audits, which look at all data.
    #[arg(long)]
    quick: bool,
    /// How long an event may wait to be published and a deadline may be overdue, in seconds.
    #[arg(long, default_value_t = 30)]
    patience_s: u64,
    /// How many events a consumer may have before it.
    #[arg(long, default_value_t = 10_000)]
    lag: i64,
    /// A seal that an earlier run told and that was kept elsewhere: is it still in the chain?
    #[arg(long, default_value = "")]
    known_seal: String,
    #[command(flatten)]
    door: Door,
}

/// Looks at everything and tells all of it; an error when something is wrong.
///
/// # Errors
/// Whatever is wrong.
pub fn run(options: Options) -> Result<()> {
    let bounds = Bounds {
        patience: Duration::from_secs(options.patience_s),
        lag: options.lag,
    };
    let report = options
        .door
        .enter(async |operator| examine(&operator, bounds, !options.quick, &options.known_seal).await)?;
    for finding in &report.findings {
        let mark = if finding.well { "well " } else { "WRONG" };
        say(format_args!(
            "{mark}  {:<10}  {:<22}  {}",
            finding.service, finding.about, finding.text
        ));
    }
    for seal in &report.seals {
        say(format_args!(
            "keep this seal elsewhere, and ask for it later with --known-seal: {seal}"
        ));
    }
    let wrong = report.findings.iter().filter(|finding| !finding.well).count();
    ensure!(wrong == 0, "{wrong} things are wrong");
    say("all is well");
    Ok(())
}
