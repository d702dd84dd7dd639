//! Replays a real marketplace.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Args;
use serde_json::Value;

use crate::{
    client::Client,
    replay::{self, Carrier},
};

/// Which marketplace, and where to.
#[derive(Args)]
pub struct Options {
    /// A folder of files in Olist's format.
    folder: PathBuf,
    /// The gateway's URL.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    gateway: String,
    /// The data folder of the ecosystem, whose sandbox carrier reports on the parcels.
    #[arg(long, default_value = ".data")]
    data: PathBuf,
}

/// Replays it; an error when files and system differ at the end.
///
/// # Errors
/// Files that cannot be read, a request that is refused, or a difference.
pub fn run(options: Options) -> Result<()> {
    let path = options.data.join("keys.json");
    let keys: Value = serde_json::from_str(&fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?)?;
    let secret = keys["webhook_secret"]
        .as_str()
        .and_then(|secret| secret.strip_prefix("whsec_"))
        .context("no webhook secret among the keys")?;
    let url = format!("{}/v1/carriers/sandbox/events", options.gateway);
    let carrier = Carrier {
        key: BASE64_STANDARD.decode(secret)?,
        url,
        http: reqwest::Client::new(),
    };
    let progress = options.data.join("replay.progress");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let same = runtime.block_on(replay::run(&options.folder, Client::new(options.gateway), carrier, &progress))?;
    ensure!(same, "files and system differ");
    Ok(())
}
