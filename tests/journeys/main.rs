//! Journeys across all services, over the public API.

#![allow(clippy::unwrap_used)]

mod bad_input;
mod cancelling;
mod competing;
mod conversing;
mod dead_letters;
mod dismissing;
mod importing;
mod purchase;
mod replaying;
mod starting;
mod tour;
