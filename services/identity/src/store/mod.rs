//! Rows, and how they become nouns and back.

pub(crate) mod account;
pub(crate) mod facts;
pub(crate) mod membership;
pub(crate) mod migrations;
pub(crate) mod organisation;
pub(crate) mod session;
pub(crate) mod signing_key;
pub(crate) mod tally;
