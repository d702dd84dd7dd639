//! The payment service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main("payment", payment::check, payment::run)
}
