//! Identity: people, organisations, what each may do, and the tokens that prove it.
//!
//! Start at [`run`], which wires the service. A request enters in `api/`, changes a noun of `domain/` through the store's one door, and is
//! answered from what was written. [`keyring`](mod@keyring) signs access tokens and rotates its keys; `passwords` hashes with Argon2id off
//! the request threads. `operators` opens the accounts of those who operate the platform, before anybody is served.

mod api;
mod domain;
mod keyring;
mod operators;
mod passwords;
mod problem;
mod run;
mod store;
mod strangers;

pub use crate::{
    operators::is_email,
    run::{Config, check, run},
};
