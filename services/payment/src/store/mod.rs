//! Rows, and how they become nouns and back.

pub(crate) mod account;
pub(crate) mod chain;
pub(crate) mod escrow;
pub(crate) mod facts;
pub(crate) mod instruction;
pub(crate) mod intent;
pub(crate) mod invariants;
pub(crate) mod journal;
pub(crate) mod migrations;
pub(crate) mod payout;
pub(crate) mod pending;
pub(crate) mod postings;
pub(crate) mod sandbox_charge;
pub(crate) mod trial_balance;
