//! The gateway as a process.

fn main() -> std::process::ExitCode {
    runtime::main("gateway", gateway::check, gateway::run)
}
