//! The commands, one a file, the `gateway` that most of them speak to, and the `door` through which those for operators go in.

pub mod bench;
pub mod dlq;
pub mod doctor;
mod door;
pub mod events;
mod gateway;
pub mod import;
pub mod replay;
pub mod seed;
pub mod serve;
pub mod tour;
pub mod up;

use std::process::ExitCode;

use crate::output;

/// The exit code of a command, which tells in one line what went wrong.
pub fn finish(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome.and_then(|()| output::is_complete()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tradewind: {error:#}");
            ExitCode::FAILURE
        }
    }
}
