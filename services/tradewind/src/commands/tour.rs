//! Walks through the whole story on a running ecosystem.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::gateway::Gateway;
use crate::{client::Carrier, tour};

/// Which ecosystem.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    gateway: Gateway,
    /// The data folder of the ecosystem, whose sandbox carrier reports on the parcels.
    #[arg(long, default_value = ".data")]
    data: PathBuf,
}

/// Tells the story.
///
/// # Errors
/// The first thing that is not as told, or an ecosystem that is not there.
pub fn run(options: Options) -> Result<()> {
    let gateway = options.gateway.client();
    let carrier = Carrier::of(&options.data, &gateway).context("no ecosystem keeps its data there; `make run` starts one")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let none = || format!("no ecosystem is ready at {}; `make run` starts one", options.gateway.url());
        gateway.must_answer().await.with_context(none)?;
        gateway.get("/readyz?all").await.with_context(none)?;
        tour::run(gateway, &carrier).await
    })
}
