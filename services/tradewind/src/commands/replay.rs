//! Replays a real marketplace.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, value_parser};

use super::gateway::Gateway;
use crate::{
    client::{Carrier, PASSWORD},
    replay::{self, Auditor, FeeRate},
    seed,
    up::plan::current_home,
};

/// Which marketplace, and where to.
#[derive(Args)]
pub struct Options {
    /// A folder of files in Olist's format.
    folder: PathBuf,
    #[command(flatten)]
    gateway: Gateway,
    /// The data folder of the ecosystem, whose sandbox carrier reports on the parcels.
    #[arg(long, default_value = ".data")]
    data: PathBuf,
    /// The e-mail address of an operator, who looks at the books.
    #[arg(long, env = "TRADEWIND_EMAIL", default_value = seed::OPERATOR)]
    email: String,
    /// The operator's password; the demo market's when none is given. Better told by the environment than on a command line.
    #[arg(long, env = "TRADEWIND_PASSWORD", hide_env_values = true, hide_default_value = true, default_value = PASSWORD)]
    password: String,
    /// The platform's fee that the orders must carry, in hundredths of a per cent: order's setting fee_basis_points.
    #[arg(long, value_parser = value_parser!(u32).range(..=10_000), default_value_t = order::Config::default().fee_basis_points)]
    fee_basis_points: u32,
}

/// Replays it; an error when files and system differ at the end.
///
/// # Errors
/// Files that cannot be read, a request that is refused, or a difference.
pub fn run(options: Options) -> Result<()> {
    let gateway = options.gateway.client();
    let carrier = Carrier::of(&options.data, &gateway)?;
    // Beside the data that it is about, so that it goes when they go.
    let journal = current_home(&options.data).join("replay.journal");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let fee = FeeRate::of(options.fee_basis_points);
    let auditor = Auditor {
        email: options.email,
        password: options.password,
    };
    let same = runtime.block_on(replay::run(&options.folder, gateway, carrier, auditor, fee, &journal))?;
    ensure!(same, "files and system differ");
    Ok(())
}
