//! The replay of a real marketplace: every order of its files becomes one checkout through the gateway, and at the end files and system are held against
//! each other, line by line.
//!
//! Every write's idempotency key derives from the files' own ids, so a replay that was stopped goes on where it was, and one that is run again changes nothing.

mod aside;
mod each;
mod fee;
mod figures;
mod files;
mod known;
mod orders;
mod people;
mod progress;
mod reconcile;
mod rows;
mod system;

use std::{path::Path, time::Duration};

use anyhow::{Result, ensure};

pub(crate) use self::fee::FeeRate;
use self::{each::each, files::Files, people::People, progress::Progress, reconcile::Reconciliation};
use crate::client::{Carrier, Client};

/// How long a request is sent again that is not answered, or to which something goes wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// The operator who looks at the books.
pub(crate) struct Auditor {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Replays the folder through the gateway, of a platform that keeps this fee; false when files and system differ. What was done is noted in the file
/// `progress`.
///
/// # Errors
/// Files that are missing, a gateway that is gone, and, when all others are done and the reconciliation is told, sellers or orders that failed.
pub(crate) async fn run(folder: &Path, gateway: Client, carrier: Carrier, auditor: Auditor, fee: FeeRate, progress: &Path) -> Result<bool> {
    let files = Files::read(folder)?;
    files.tell();
    // Processes may be killed while we ask: what they leave half done is asked for again.
    let gateway = gateway.insistent(PATIENCE);
    gateway.must_answer().await?;
    let people = People::new(gateway.clone());
    let progress = Progress::open(progress)?;
    if progress.before().is_none() {
        progress.begin_with(reconcile::before(&people, &auditor).await?)?;
    }

    let sellers = files.sellers();
    let opened = each("sellers and goods", &gateway, &sellers, |(seller, goods)| {
        people.open_shop(seller, goods, &files)
    });
    let opened = opened.await?;
    let replayed = each("orders", &gateway, &files.orders, |order| {
        orders::replay(&people, &carrier, &progress, order)
    });
    let replayed = replayed.await?;
    let failed = opened.tell_failed("sellers", |(seller, _)| seller) + replayed.tell_failed("orders", |order| &order.id);

    let same = Reconciliation::make(&files, &people, &progress, &auditor, fee).await?.tell();
    ensure!(
        failed == 0,
        "{failed} sellers or orders failed; a replay that is started again goes on with them"
    );
    Ok(same)
}
