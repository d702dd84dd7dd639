//! The replay of a real marketplace: every order of its files becomes one checkout through the gateway, and at the end files and system are held against
//! each other, line by line.
//!
//! Every write's idempotency key derives from the files' own ids, so a replay that was stopped goes on where it was, and one that is run again changes nothing.

mod files;
mod orders;
mod people;
mod progress;
mod reconcile;
mod rows;
mod system;

use std::path::Path;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};

use self::{files::Files, people::People, progress::Progress, reconcile::Reconciliation};
use crate::{
    client::{Carrier, Client},
    steps::Steps,
};

/// How many orders are on their way at once.
const SIDE_BY_SIDE: usize = 24;

/// Replays the folder through the gateway; false when files and system differ. What was done is noted in the file `progress`.
///
/// # Errors
/// Files that cannot be read, or a request that the gateway refuses.
pub(crate) async fn run(folder: &Path, gateway: Client, carrier: Carrier, progress: &Path) -> Result<bool> {
    let files = Files::read(folder)?;
    files.tell();
    let people = People::new(gateway);
    let progress = Progress::open(progress)?;
    if progress.before().is_none() {
        progress.begin_with(reconcile::before(&people).await?)?;
    }

    let sellers = files.sellers();
    let steps = Steps::new("sellers and goods", sellers.len() as u64)?;
    let mut opening = stream::iter(&sellers)
        .map(|(seller, goods)| {
            let opened = people.open_shop(seller, goods, &files);
            async move { opened.await.with_context(|| format!("seller {seller}")) }
        })
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some(()) = opening.try_next().await? {
        steps.step();
    }
    steps.finish();

    let steps = Steps::new("orders", files.orders.len() as u64)?;
    let mut replaying = stream::iter(&files.orders)
        .map(|order| async {
            if progress.is_done(&order.id) {
                return Ok(());
            }
            orders::replay(&people, &carrier, &progress, order)
                .await
                .with_context(|| format!("order {}", order.id))
        })
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some(()) = replaying.try_next().await? {
        steps.step();
    }
    steps.finish();
    let reconciliation = Reconciliation::make(&files, &people, &progress).await?;
    Ok(reconciliation.tell())
}
