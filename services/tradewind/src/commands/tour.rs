//! Walks through the whole story on a running ecosystem.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    client::{Carrier, Client},
    tour,
};

/// Which ecosystem.
#[derive(Args)]
pub struct Options {
    /// The gateway's URL.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    gateway: String,
    /// The data folder of the ecosystem, whose sandbox carrier reports on the parcels.
    #[arg(long, default_value = ".data")]
    data: PathBuf,
}

/// Tells the story.
///
/// # Errors
/// The first thing that is not as told, or an ecosystem that is not there.
pub fn run(options: Options) -> Result<()> {
    let gateway = Client::new(&options.gateway);
    let carrier = Carrier::of(&options.data, &gateway).context("no ecosystem keeps its data there; `make run` starts one")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let ready = gateway.get("/readyz?all").await;
        ready.with_context(|| format!("no ecosystem is ready at {}; `make run` starts one", options.gateway))?;
        tour::run(gateway, &carrier).await
    })
}
