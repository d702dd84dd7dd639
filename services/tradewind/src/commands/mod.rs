//! The commands, one a file, and the `door` through which those for operators go in.

pub mod bench;
pub mod dlq;
pub mod doctor;
mod door;
pub mod events;
pub mod import;
pub mod replay;
pub mod seed;
pub mod serve;
pub mod tour;
pub mod up;

use std::process::ExitCode;

/// The exit code of a command, which tells in one line what went wrong.
pub fn finish(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tradewind: {error:#}");
            ExitCode::FAILURE
        }
    }
}
