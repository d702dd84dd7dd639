//! The commands, one a file.

pub mod bench;
pub mod dlq;
pub mod doctor;
pub mod events;
pub mod import;
pub mod operator;
pub mod replay;
pub mod seed;
pub mod serve;
pub mod tour;
pub mod up;

use std::process::ExitCode;

/// Tells what went wrong in one line.
pub fn finish(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tradewind: {error:#}");
            ExitCode::FAILURE
        }
    }
}
