//! Logistics.

mod domain;
