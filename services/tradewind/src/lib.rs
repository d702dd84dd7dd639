//! What the command `tradewind` is made of, and what the tests across services use of it.
//!
//! [`client`] speaks to the gateway's public HTTP API only, as any mobile or web client would; [`seed`] fills a market with it. [`commands`] has one file for each
//! subcommand, [`operate`] is what operators ask and do, [`bench`](mod@bench) measures it all, `tour` tells the whole story; `local` runs the ecosystem's
//! processes on one machine.

mod bench;
pub mod client;
pub mod commands;
mod import;
mod local;
pub mod operate;
mod replay;
pub mod seed;
mod steps;
mod tour;
