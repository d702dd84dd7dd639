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

use self::{files::Files, people::People, progress::Progress, reconcile::Reconciliation};
use crate::{
    client::{Carrier, Client},
    steps::Steps,
};

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

    let steps = Steps::new("sellers and goods", files.sellers().len() as u64)?;
    let opening = stream::iter(files.sellers()).map(|(seller, goods)| {
        let people = Arc::clone(&people);
        async move { people.open_shop(&seller, &goods).await.with_context(|| format!("seller {seller}")) }
    });
    let mut opening = opening.buffer_unordered(SIDE_BY_SIDE);
    while let Some(()) = opening.try_next().await? {
        steps.step();
    }
    steps.finish();

    let steps = Steps::new("orders", files.orders.len() as u64)?;
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
        steps.step();
    }
    steps.finish();
    let reconciliation = Reconciliation::make(&files, &people, &progress).await?;
    Ok(reconciliation.tell())
}
