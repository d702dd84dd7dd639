//! Logistics: where goods are, whom they are promised to, and how they travel.
//!
//! Start at [`run()`], which wires the service. A request enters in `api/`, a fact of another service in
//! `consumers/`; both change nouns of `domain/` through the store's one door.
//!
//! - **Stock** is a ledger of movements. A row for each (seller, variant) keeps what they add up to, and its id follows from both, so that reserving
//!   looks nothing up: one transaction locks the rows that a checkout needs, however many warehouses others have. `store/audit.rs` compares rows and ledger.
//! - **Reservations** follow an order from checkout to shipment. `told` applies what other services and clocks tell about orders; every state takes
//!   every fact, so duplicates and late ones do no harm.
//! - **Sourcing** chooses warehouses: fewest parcels, then freight, then distance. `networks` caches each seller's warehouses and freight tables;
//!   what it says is never older than a few seconds.
//! - **Shipments** take allocated stock out of the house; carriers report on their parcels, signed, twice, late and in any order. What comes back whole,
//!   or never leaves, is stock again.

mod api;
mod audits;
mod carriers;
mod consumers;
mod domain;
mod networks;
mod problem;
mod run;
mod store;
mod told;

pub use crate::{
    carriers::Carrier,
    run::{Config, check, run},
};
