//! Rows, and how they become nouns and back. One file for each table.

pub(crate) mod audit;
pub(crate) mod carrier_event;
pub(crate) mod facts;
pub(crate) mod hold;
pub(crate) mod migrations;
pub(crate) mod movement;
pub(crate) mod reservation;
pub(crate) mod shelf;
pub(crate) mod shipment;
pub(crate) mod stock;
pub(crate) mod track;
pub(crate) mod warehouse;
