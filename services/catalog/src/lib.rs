//! Catalog: stores, the products that they list, and what a basket of them costs.
//!
//! Start at [`run`], which wires the service. A request enters in `api/`, changes a noun of `domain/` through the store's one door, and is answered from
//! what was written. The hot paths, reading products and pricing baskets, are answered from `cache/`, which our own writes outdate at once and the
//! service's own events keep honest when there are several replicas. `search/` is an
//! index of the process's own that follows the same events. `wire/` translates between nouns and protos, `store/` between nouns and rows.

mod api;
mod cache;
mod consumers;
mod domain;
mod problem;
mod run;
mod search;
mod store;
mod wire;

pub use crate::run::{Config, run};
