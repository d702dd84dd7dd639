//! Events published again from a service's outbox, which keeps them for a week.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kernel::Time;

use crate::{
    client::{number, text},
    operator::Operator,
    output::say,
};

/// Publishes the events of these services again, of all where none is named, and waits so long
/// until all are published. `since` is a time, or so long ago, such as `2h`.
///
/// # Errors
/// What the gateway refuses; events that are not published in time.
pub(crate) async fn replay(operator: &Operator, services: &[String], since: &str, patience: Duration) -> Result<()> {
    let services = if services.is_empty() {
        operator.names().await?
    } else {
        services.to_vec()
    };
    for service in &services {
        let since = moment(operator, service, since).await?;
        let republished = operator.republish(service, &since.to_string()).await?;
        say(format_args!(
            "{service}: {} events since {since}",
            number(&republished, "republished")
        ));
    }
    for service in &services {
        published(operator, service, patience).await?;
    }
    say("all are published");
    Ok(())
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
