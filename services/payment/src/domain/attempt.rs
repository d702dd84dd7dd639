//! An attempt to charge through a provider, and what the provider says of it.

use kernel::{Money, Time};
use serde::{Deserialize, Serialize};

/// A charge that matters still. What was declined does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// Which of the intent's attempts it is: 1, 2, 3 …
    pub(crate) number: u32,
    /// When the provider was asked to charge, or had captured if that was heard of first.
    pub(crate) begun: Time,
    /// What the provider said of it.
    pub(crate) fate: Fate,
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// The provider has not said its last word.
    Open,
    /// Known for good, so that hearing of the same capture again, however late, moves nothing.
    Captured,
    /// The provider never heard of it: the request behind it may ask once more.
    Unheard,
}

/// What a provider says of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChargeOutcome {
    /// It has the money: this much.
    Captured(Money),
    Declined(String),
    ActionRequired(String),
    /// It takes its time.
    Pending,
    /// It did not answer, so it may have the money or not.
    Silent,
    /// It never heard of the charge.
    Unheard,
}
