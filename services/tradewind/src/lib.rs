//! What the command `tradewind` is made of, and what the tests across services use of it.
//!
//! [`commands`] has one file for each subcommand: its options, and what it prints. What a command does stands in the module of its name: [`seed`] fills a
//! market, `import` brings products and `replay` orders from files, `tour` tells the whole story, `bench` measures it, `operate` is what operators ask and
//! do. They all speak to the gateway's public HTTP API only, through [`client`], as any mobile or web client would. `local` is behind `up`: it runs the
//! ecosystem's processes on one machine. What is printed goes through `output`, for printing may fail.

// `println!` ends the program when nobody reads any more.
#![warn(clippy::print_stdout)]

mod bench;
pub mod client;
pub mod commands;
mod import;
mod local;
mod operate;
mod output;
mod replay;
pub mod seed;
mod steps;
mod tour;
