//! The replay of a real marketplace: every order of its files becomes one checkout through the gateway, and
//! at the end files and system are held against each other, line by line.
//!
//! Every write's idempotency key derives from the files' own ids, so a replay that was
//! stopped goes on where it was, and one that is run again changes nothing.

mod descriptions;
mod files;
mod in_parallel;
mod journal;
mod orders;
mod people;
mod reconcile;
mod rows;
mod set_aside;

use std::{path::Path, time::Duration};

use anyhow::{Result, ensure};

pub(crate) use self::reconcile::FeeRate;
use self::{files::Files, in_parallel::in_parallel, journal::Journal, people::People};
use crate::{
    client::{Carrier, Client},
    output::say,
};

/// How long a request is sent again that is not answered, or to which something goes wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// The operator who looks at the books.
pub(crate) struct Auditor {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Replays the folder through the gateway, of a platform that keeps this fee; false when
/// files and system differ. What was done is noted in the file `journal`.
///
/// # Errors
/// Files that are missing, a gateway that is gone, and, when all others
/// are done and the reconciliation is told, sellers or orders that failed.
pub(crate) async fn run(folder: &Path, gateway: Client, carrier: Carrier, auditor: Auditor, fee: FeeRate, journal: &Path) -> Result<bool> {
    let files = Files::read(folder)?;
    files.tell();
    // Processes may be killed while we ask: what they leave half done is asked for again.
    let gateway = gateway.insistent(PATIENCE);
    gateway.must_answer().await?;
    let people = People::new(gateway.clone());
    let journal = Journal::open(journal)?;
    if journal.before().is_none() {
        journal.begin_with(reconcile::before(&people, &auditor).await?)?;
    }

    let sellers = files.sellers();
    let opened = in_parallel("sellers and goods", &gateway, &sellers, |(seller, goods)| {
        people.open_shop(seller, goods, &files)
    });
    let opened = opened.await?;
    let replayed = in_parallel("orders", &gateway, &files.orders, |order| {
        orders::replay(&people, &carrier, &journal, order)
    });
    let replayed = replayed.await?;
    let failed = opened.tell_failed("sellers", |(seller, _)| seller) + replayed.tell_failed("orders", |order| &order.id);

    let comparison = reconcile::reconcile(&files, &people, &journal, &auditor, fee).await?;
    say(format_args!("\n{comparison}"));
    ensure!(
        failed == 0,
        "{failed} sellers or orders failed; a replay that is started again goes on with them"
    );
    Ok(comparison.agrees())
}
