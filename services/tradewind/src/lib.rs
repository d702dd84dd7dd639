//! What the command `tradewind` is made of, and what the tests across services use of it.
//!
//! [`commands`] has one file for each subcommand: its options, and what it prints at the end. What a command does stands in the module of its name: `up` runs
//! the ecosystem's processes on one machine, [`seed`] fills a market, `import` brings products and `replay` orders from files, `tour` tells the whole story,
//! `bench` measures it, `doctor` looks for what is wrong. `operator` is what operators ask and do, in `doctor`, `dlq` and `events`. All but `up` speak to the
//! gateway's public HTTP API only, through [`client`], as any mobile or web client would.

mod bench;
pub mod client;
pub mod commands;
mod doctor;
mod import;
mod operator;
mod replay;
pub mod seed;
mod steps;
mod text_file;
mod tour;
mod up;
