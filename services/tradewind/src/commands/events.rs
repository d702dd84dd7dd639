//! Events: published again from a service's outbox, which keeps them for a week.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use kernel::Time;

use super::door::Door;
use crate::{
    client::{number, text},
    operate::Operator,
    output::say,
};

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
    options.door.enter(async |operator| {
        let services = if service.is_empty() {
            operator.names().await?
        } else {
            service.clone()
        };
        for service in &services {
            let since = moment(&operator, service, since).await?;
            let republished = operator.republish(service, &since.to_string()).await?;
            say(format_args!(
                "{service}: {} events since {since}",
                number(&republished, "republished")
            ));
        }
        for service in &services {
            published(&operator, service, Duration::from_secs(*wait_s)).await?;
        }
        say("all are published");
        Ok(())
    })
}

/// A time, or so long before the service's own present.
async fn moment(operator: &Operator, service: &str, since: &str) -> Result<Time> {
    if let Ok(time) = since.parse() {
        return Ok(time);
    }
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let ago = units.iter().find_map(|(unit, seconds)| {
        let count: u64 = since.strip_suffix(*unit)?.parse().ok()?;
        count.checked_mul(*seconds)
    });
    let ago = ago.with_context(|| format!("`{since}` is neither a time such as 2026-11-23T08:00:00Z nor so long ago, such as 2h"))?;
    let now: Time = text(&operator.status(service).await?, "time").parse()?;
    Ok(now.minus(Duration::from_secs(ago)))
}

async fn published(operator: &Operator, service: &str, patience: Duration) -> Result<()> {
    let until = tokio::time::Instant::now() + patience;
    loop {
        let waiting = number(&operator.status(service).await?["outbox"], "waiting");
        if waiting == 0 {
            return Ok(());
        }
        ensure!(
            tokio::time::Instant::now() < until,
            "{service}: {waiting} events are still not published"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
