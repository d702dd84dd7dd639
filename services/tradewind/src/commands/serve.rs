//! One service in this process.

use std::process::ExitCode;

use clap::Args;
use runtime::{Error, Start};
use serde::de::DeserializeOwned;

/// Which service.
#[derive(Args)]
pub struct Options {
    /// gateway, identity, catalog, order, payment, logistics or messaging.
    service: String,
    /// Only say whether it could start with its configuration: unknown names and wrong values are told.
    #[arg(long)]
    check: bool,
}

/// Runs the service of this name until the process is told to end.
pub fn run(options: &Options) -> ExitCode {
    let check = options.check;
    match options.service.as_str() {
        "gateway" => one("gateway", gateway::run, check),
        "identity" => one("identity", identity::run, check),
        "catalog" => one("catalog", catalog::run, check),
        "order" => one("order", order::run, check),
        "payment" => one("payment", payment::run, check),
        "logistics" => one("logistics", logistics::run, check),
        "messaging" => one("messaging", messaging::run, check),
        other => {
            eprintln!("tradewind: there is no service `{other}`");
            ExitCode::FAILURE
        }
    }
}

fn one<C, F, R>(name: &'static str, run: F, check: bool) -> ExitCode
where
    C: DeserializeOwned,
    F: FnOnce(Start<C>) -> R,
    R: Future<Output = Result<(), Error>>,
{
    if check {
        runtime::check(name, run)
    } else {
        runtime::main(name, run)
    }
}
