//! What somebody is told who started the ecosystem, once all of it is ready: where to look, who can sign in, and what is on the market.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

use super::plan::Plan;
use crate::{
    client::{Client, PASSWORD},
    output::say,
    seed,
};

/// Fills the market, if that was asked for and not done before, and tells the rest.
pub(super) async fn tell(plan: &Plan, ready_after: Duration) -> Result<()> {
    let market = market(plan).await?;
    say(format_args!("\nready after {:.1} s", ready_after.as_secs_f64()));
    say(format_args!("  API      {}", url(plan)));
    say(format_args!("  docs     {}/docs", url(plan)));
    say(format_args!("  logs     {}/*.log", plan.data.display()));
    if let Some(goods) = market {
        let mut people = vec![format!("{} (buyer)", seed::BUYER), format!("{} (seller)", seed::SELLER)];
        if plan.operators.iter().any(|email| email == seed::OPERATOR) {
            people.push(format!("{} (operator)", seed::OPERATOR));
        }
        say(format_args!("  sign in  {}", people.join(", ")));
        say(format_args!("           password: {PASSWORD}"));
        say(format_args!("  market   {goods}"));
    } else {
        say("  market   empty");
    }
    say(format_args!("  tour     {}", tour(plan)));
    say("Ctrl-C ends everything and keeps the data.");
    Ok(())
}

fn url(plan: &Plan) -> String {
    format!("http://127.0.0.1:{}", plan.gateway_port)
}

/// The demo market, put there once after the first start; nothing when there is none.
async fn market(plan: &Plan) -> Result<Option<String>> {
    let done = plan.home().join("seeded");
    if done.exists() {
        return fs::read_to_string(&done).map(Some).context("reading what was seeded");
    }
    if !plan.seed {
        return Ok(None);
    }
    let operator = plan.operators.first().context("a market needs an operator")?;
    let count = seed::fill(&Client::new(url(plan)), operator).await?;
    let goods = format!("{count} demo products");
    fs::write(&done, &goods)?;
    Ok(Some(goods))
}

/// The command that takes a tour of this ecosystem.
fn tour(plan: &Plan) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "tradewind".to_owned());
    let mut command = format!("{program} tour");
    if plan.gateway_port != 8080 {
        command.push_str(&format!(" --gateway {}", url(plan)));
    }
    if fs::canonicalize(".data").ok().as_ref() != Some(&plan.data) {
        command.push_str(&format!(" --data {}", plan.data.display()));
    }
    command
}
