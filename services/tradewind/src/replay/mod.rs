//! The replay of a real marketplace: every order of its files becomes one checkout through the gateway, and at the end files and system are held against
//! each other, line by line.
//!
//! Every write's idempotency key derives from the files' own ids, so a replay that was stopped goes on where it was, and one that is run again changes nothing.

mod files;
mod orders;
mod people;
mod progress;
mod reconcile;

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};

use self::{files::Files, people::People, progress::Progress, reconcile::Reconciliation};
use crate::client::{Carrier, Client};

/// How many orders are on their way at once.
const SIDE_BY_SIDE: usize = 24;

/// Replays the folder through the gateway; false when files and system differ.
///
/// # Errors
/// Files that cannot be read, or a request that the gateway refuses.
pub(crate) async fn run(folder: &Path, gateway: Client, carrier: Carrier, progress: &Path) -> Result<bool> {
    let files = Arc::new(Files::read(folder)?);
    files.tell();
    let people = Arc::new(People::new(gateway.clone()));
    let progress = Arc::new(Progress::open(progress)?);
    let carrier = Arc::new(carrier);

    let bar = bar("sellers and goods", files.sellers().len())?;
    let opening = stream::iter(files.sellers()).map(|(seller, goods)| {
        let people = Arc::clone(&people);
        async move { people.open_shop(&seller, &goods).await.with_context(|| format!("seller {seller}")) }
    });
    let mut opening = opening.buffer_unordered(SIDE_BY_SIDE);
    while let Some(()) = opening.try_next().await? {
        bar.inc(1);
    }
    bar.finish();

    let bar = self::bar("orders", files.orders.len())?;
    let replaying = stream::iter(&files.orders).map(|order| {
        let (people, progress, carrier) = (Arc::clone(&people), Arc::clone(&progress), Arc::clone(&carrier));
        async move {
            if !progress.is_done(&order.id) {
                let placed = orders::replay(&people, &carrier, order)
                    .await
                    .with_context(|| format!("order {}", order.id))?;
                progress.done(&order.id, &placed)?;
            }
            anyhow::Ok(())
        }
    });
    let mut replaying = replaying.buffer_unordered(SIDE_BY_SIDE);
    while let Some(()) = replaying.try_next().await? {
        bar.inc(1);
    }
    bar.finish();
    let reconciliation = Reconciliation::make(&files, &people, &progress).await?;
    Ok(reconciliation.tell())
}

pub(super) fn bar(what: &'static str, length: usize) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg:<18} {bar:40} {pos}/{len} {per_sec} {eta}")?;
    Ok(ProgressBar::new(length as u64).with_style(style).with_message(what))
}
