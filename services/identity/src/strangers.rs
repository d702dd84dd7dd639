//! Wrong passwords for addresses that have no account, which close them as they close others: who asks cannot tell the two apart. Each
//! process counts its own, and the most recent ones only.

use kernel::{Time, uuid::Uuid};
use moka::{ops::compute::Op, sync::Cache};

use crate::domain::{
    Email, Refusal,
    tries::{FORGOTTEN, Tries},
};

/// How many addresses are remembered.
const REMEMBERED: u64 = 50_000;

/// The tries of those who are not known.
pub(crate) struct Strangers(Cache<Uuid, Tries>);

impl Strangers {
    /// Nobody yet.
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_idle(FORGOTTEN).build())
    }

    /// Whether a password may be tried for this address.
    pub(crate) fn must_be_open(&self, email: &Email, now: Time) -> Result<(), Refusal> {
        self.0.get(&key(email)).unwrap_or_default().must_be_open(now)
    }

    /// A password was tried, and was wrong, as all are.
    pub(crate) fn fail(&self, email: &Email, now: Time) -> Result<(), Refusal> {
        let counted = self.0.entry(key(email)).and_try_compute_with(|known| {
            let mut tries = known.map(moka::Entry::into_value).unwrap_or_default();
            tries.fail(now).map(|()| Op::Put(tries))
        });
        counted.map(drop)
    }
}

/// An address may be long, and its digest is not.
fn key(email: &Email) -> Uuid {
    Uuid::new_v5(&Uuid::nil(), email.as_str().as_bytes())
}
