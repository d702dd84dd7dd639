//! `tradewind`: every service in one binary, and the whole ecosystem on one machine.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tradewind::commands::{self, bench, dlq, doctor, events, import, replay, seed, serve, tour, up};

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
    Serve(serve::Options),
    /// Run the whole ecosystem on this machine.
    Up(up::Options),
    /// Measure the whole ecosystem.
    Bench(bench::Options),
    /// Import from files.
    Import(import::Options),
    /// Replay a real marketplace's orders, and hold files and system against each other.
    Replay(replay::Options),
    /// Look for everything that may be wrong with a running ecosystem.
    Doctor(doctor::Options),
    /// List, redrive or give up events that a service could not digest.
    Dlq(dlq::Options),
    /// Publish events again.
    Events(events::Options),
    /// Fill a market with demo goods, through the public API.
    Seed(seed::Options),
    /// Walk through the whole story on a running ecosystem, showing every request and answer.
    Tour(tour::Options),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Up(options) => commands::finish(up::run(options)),
        Command::Bench(options) => commands::finish(bench::run(options)),
        Command::Import(options) => commands::finish(import::run(options)),
        Command::Replay(options) => commands::finish(replay::run(options)),
        Command::Doctor(options) => commands::finish(doctor::run(options)),
        Command::Dlq(options) => commands::finish(dlq::run(options)),
        Command::Events(options) => commands::finish(events::run(options)),
        Command::Seed(options) => commands::finish(seed::run(options)),
        Command::Tour(options) => commands::finish(tour::run(options)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn whoever_speaks_to_a_gateway_finds_it_where_the_environment_says() {
        let mut all = Arguments::command();
        all.build();
        let mut speaking = Vec::new();
        for command in all.get_subcommands() {
            for gateway in command.get_arguments().filter(|one| one.get_long() == Some("gateway")) {
                assert_eq!(gateway.get_env().unwrap(), "TRADEWIND_GATEWAY", "{}", command.get_name());
                speaking.push(command.get_name());
            }
        }
        assert_eq!(speaking, ["import", "replay", "doctor", "dlq", "events", "seed", "tour"]);
    }
}
