//! One service in this process.

use std::process::ExitCode;

use clap::Args;
use runtime::{Error, Settings, Start};
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
        "gateway" => one("gateway", gateway::run, gateway::check, check),
        "identity" => one("identity", identity::run, identity::check, check),
        "catalog" => one("catalog", catalog::run, catalog::check, check),
        "order" => one("order", order::run, order::check, check),
        "payment" => one("payment", payment::run, payment::check, check),
        "logistics" => one("logistics", logistics::run, logistics::check, check),
        "messaging" => one("messaging", messaging::run, messaging::check, check),
        other => {
            eprintln!("tradewind: there is no service `{other}`");
            ExitCode::FAILURE
        }
    }
}

fn one<C, F, R>(name: &'static str, run: F, own: impl FnOnce(&Settings, &C) -> Result<(), Error>, check: bool) -> ExitCode
where
    C: DeserializeOwned,
    F: FnOnce(Start<C>) -> R,
    R: Future<Output = Result<(), Error>>,
{
    if check {
        runtime::check(name, own)
    } else {
        runtime::main(name, own, run)
    }
}
