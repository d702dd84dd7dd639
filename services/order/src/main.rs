//! The order service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main("order", order::check, order::run)
}
