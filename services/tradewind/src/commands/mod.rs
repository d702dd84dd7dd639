//! The commands, one a file.

pub(crate) mod serve;
pub(crate) mod up;

use std::process::ExitCode;

/// Tells what went wrong in one line.
pub(crate) fn finish(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tradewind: {error:#}");
            ExitCode::FAILURE
        }
    }
}
