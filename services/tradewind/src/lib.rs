//! What the command `tradewind` is made of, and what the tests across services use of it.
//!
//! [`commands`] has one file for each subcommand: its options, and what is said at the end. What a command does stands in the module of its
//! name: `up` runs the ecosystem's processes on one machine, [`seed`] fills a market, `import` brings products and `replay` orders from
//! files, `tour` tells the whole story, `bench` measures it. `doctor`, `dlq` and `events` are for operators, who ask and do what `operator`
//! says. All but `up` speak to the gateway's public HTTP API only, through [`client`], as any mobile or web client would. What is printed
//! goes through `output`, for printing may fail.

// `println!` ends the program when nobody reads any more.
#![warn(clippy::print_stdout)]

mod bench;
pub mod client;
pub mod commands;
mod dlq;
mod doctor;
mod events;
mod import;
mod interrupt;
mod operator;
mod output;
mod replay;
pub mod seed;
mod steps;
mod text_file;
mod tour;
mod up;
