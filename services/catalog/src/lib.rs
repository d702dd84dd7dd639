//! Catalog: stores, the products that they list, and what a basket of them costs.
//!
//! - Stores and their products: variants with article numbers, options and tiered prices; draft, published, archived.
//! - A category tree whose templates say what a listing in a category tells of itself.
//! - Prices for order's baskets, and search for everyone.
//! - Reviews, which a completed order invites its buyer and its seller to write of each other, and the ratings that they come to.
//! - Imports, which list many products row by row.
//!
//! Start at [`run`], which wires the service. A request enters in `api/`, changes a noun of `domain/` through the store's one door, and is
//! answered from what was written. The hot paths, reading products and pricing baskets, are answered from `cache/`, which our own writes
//! outdate at once and the service's own events keep honest when there are several replicas. `search/` is an index of the process's own
//! that follows the same events. `wire/` translates between nouns and protos, `store/` between nouns and rows.

mod api;
mod cache;
mod consumers;
mod domain;
mod problem;
mod run;
mod search;
mod store;
mod wire;

pub use crate::run::{Config, check, run};

/// Bytes that a process may take up with what it remembers, beside what any process needs.
pub const REMEMBERED_BYTES: u64 = cache::BYTES + search::COLUMN_BYTES;
