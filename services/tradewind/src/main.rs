//! `tradewind`: every service in one binary, and the whole ecosystem on one machine.

mod commands;
mod local;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The open trade ecosystem.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run one service in this process, configured by TRADEWIND_CONFIG and TRADEWIND__… variables.
    Serve {
        /// gateway, identity, catalog, order, payment, logistics or messaging.
        service: String,
    },
    /// Run the whole ecosystem on this machine.
    Up(commands::up::Options),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve { service } => commands::serve::run(&service),
        Command::Up(options) => commands::finish(commands::up::run(options)),
    }
}
