//! The catalog service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main("catalog", catalog::check, catalog::run)
}
