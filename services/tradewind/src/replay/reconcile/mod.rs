//! Files against system, line by line: `expected` is what the files say, [`Found`] what the system says, [`Comparison`] holds them against
//! each other, and `report` writes down what came of it.

mod comparison;
mod expected;
mod fee;
mod figures;
mod found;
mod reads;
mod report;

use anyhow::{Context, Result};

use self::found::Found;
pub(crate) use self::{comparison::Comparison, fee::FeeRate};
use super::{
    Auditor,
    files::Files,
    journal::{Books, Journal},
    people::People,
};
use crate::client::Person;

/// What there is in the books of this currency, before anything is replayed.
pub(super) async fn before(people: &People, auditor: &Auditor) -> Result<Books> {
    let (before, _) = reads::books(&operator(people, auditor).await?).await?;
    Ok(before)
}

/// Looks at everything that the files speak of, and compares.
pub(super) async fn reconcile(files: &Files, people: &People, journal: &Journal, auditor: &Auditor, fee: FeeRate) -> Result<Comparison> {
    let found = Found::look(files, people, journal, auditor).await?;
    Comparison::of(files, fee, &found)
}

async fn operator(people: &People, auditor: &Auditor) -> Result<Person> {
    let signed_in = Person::sign_in_with(people.gateway(), &auditor.email, &auditor.password);
    signed_in
        .await
        .with_context(|| format!("signing {} in, who looks at the books", auditor.email))
}
