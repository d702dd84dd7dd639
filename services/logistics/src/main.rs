//! The logistics service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main("logistics", logistics::check, logistics::run)
}
