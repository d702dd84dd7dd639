//! The messaging service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main("messaging", messaging::check, messaging::run)
}
