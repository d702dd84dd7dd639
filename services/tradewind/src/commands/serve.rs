//! One service in this process.

use std::process::ExitCode;

/// Runs the service of this name until the process is told to end.
pub fn run(service: &str) -> ExitCode {
    match service {
        "gateway" => runtime::main("gateway", gateway::run),
        "identity" => runtime::main("identity", identity::run),
        "catalog" => runtime::main("catalog", catalog::run),
        "order" => runtime::main("order", order::run),
        "payment" => runtime::main("payment", payment::run),
        "logistics" => runtime::main("logistics", logistics::run),
        "messaging" => runtime::main("messaging", messaging::run),
        other => {
            eprintln!("tradewind: there is no service `{other}`");
            ExitCode::FAILURE
        }
    }
}
