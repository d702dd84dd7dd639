//! Checkouts: POST checkout, POST confirm, until the order itself is paid.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{
    load::{self, Clock, Load},
    market::Market,
    stack::Stack,
    wire::Wire,
};

/// Before another look at an order that is not paid yet; each wait is half as long again as the one before.
const LOOK: Duration = Duration::from_millis(4);

/// How long an order may take from the confirmation until it is paid.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the checkouts came to.
pub(crate) struct Run {
    pub(crate) load: Load,
    /// Processor time for each order, in seconds, by process.
    pub(crate) cpu_s_per_order: BTreeMap<String, f64>,
    /// Resident memory while the load was on, in megabytes, by process: the most that was seen of each.
    pub(crate) resident_mb: BTreeMap<String, f64>,
    /// Rows that were written for each order; nothing without PostgreSQL.
    pub(crate) rows_per_order: Option<f64>,
}

pub(crate) async fn run(stack: &Stack, market: &Market, buyers: usize, zipf: bool, time: Duration) -> Result<Run> {
    let chances: Arc<[f64]> = cumulative(market.variants.len(), zipf).into();
    let variants: Arc<[String]> = market.variants.clone().into();
    let (cpu, rows) = (stack.processes.cpu_s()?, stack.rows_written().await);
    let clock = Clock::start(time);
    let workers = market.buyers.iter().take(buyers).enumerate().map(|(number, buyer)| {
        let (port, token) = (stack.port, buyer.token.clone());
        let (chances, variants) = (Arc::clone(&chances), Arc::clone(&variants));
        async move {
            let mut wire = Wire::connect(port, &token).await?;
            let mut chance = StdRng::seed_from_u64(number as u64);
            let mut done = Vec::new();
            let mut expected = Duration::ZERO;
            for turn in 0.. {
                if !clock.goes_on() {
                    break;
                }
                let drawn: f64 = chance.random();
                let variant = &variants[chances.partition_point(|bound| *bound < drawn).min(variants.len() - 1)];
                let started = Instant::now();
                let key = format!("{buyers}-{zipf}-{number}-{turn}");
                expected = buy(&mut wire, &key, &lines(variant), expected).await?;
                done.push((Instant::now(), started.elapsed()));
            }
            Ok(done)
        }
    });
    let mut resident_mb = BTreeMap::new();
    let load = tokio::select! {
        load = load::gather(clock, workers) => load?,
        never = weigh(stack, &mut resident_mb) => never?,
    };
    let rows = stack.rows_written().await.zip(rows);
    Ok(Run {
        cpu_s_per_order: load.cpu_s_each(&cpu, stack.processes.cpu_s()?),
        rows_per_order: rows.map(|(after, before)| (after - before) / load.in_all()),
        resident_mb,
        load,
    })
}

/// Looks at the memory of each process now and then, for ever, and keeps the most.
async fn weigh(stack: &Stack, most_mb: &mut BTreeMap<String, f64>) -> Result<Load> {
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        for (process, mb) in stack.processes.resident_mb()? {
            let most = most_mb.entry(process).or_default();
            *most = most.max(mb);
        }
    }
}

pub(crate) fn lines(variant: &str) -> String {
    format!("\"lines\":[{{\"variantId\":\"{variant}\",\"quantity\":\"1\"}}],")
}

/// A whole checkout of these lines: how long it took from the confirmation until the order was paid. Whoever knows
/// what to expect looks for the first time when most of that has passed.
pub(crate) async fn buy(wire: &mut Wire, key: &str, lines: &str, expected: Duration) -> Result<Duration> {
    let body =
        format!("{{{lines}\"shipTo\":{{\"recipient\":\"R\",\"lines\":[\"1 Dock Street\"],\"city\":\"Recife\",\"country\":\"BR\"}}}}");
    let checkout = wire.post("/v1/checkouts", key, &body).await?;
    let payment = checkout.field("paymentId")?.to_owned();
    let at = checkout.body.find("\"ord_").map(|at| at + 1);
    let Some(order) = at.and_then(|at| checkout.body.get(at..at + 30)) else {
        bail!("no order in {}", checkout.body)
    };
    wire.post(
        &format!("/v1/payments/{payment}:confirm"),
        &format!("{key}-pay"),
        "{\"method\":{\"wallet\":{}}}",
    )
    .await?;
    let path = format!("/v1/orders/{order}");
    let confirmed = Instant::now();
    tokio::time::sleep(expected.mul_f32(0.75)).await;
    let mut wait = LOOK;
    while wire.get(&path).await?.field("state")? != "ORDER_STATE_PAID" {
        ensure!(confirmed.elapsed() < PATIENCE, "{order} was confirmed and is not paid");
        tokio::time::sleep(wait).await;
        wait = wait.mul_f32(1.5);
    }
    Ok(confirmed.elapsed())
}

/// The cumulative chances of so many products: all alike, or after Zipf's law with exponent 1.
fn cumulative(count: usize, zipf: bool) -> Vec<f64> {
    let weights = (1..=count).map(|rank| if zipf { 1.0 / rank as f64 } else { 1.0 });
    let mut sum = 0.0;
    let sums: Vec<f64> = weights
        .map(|weight| {
            sum += weight;
            sum
        })
        .collect();
    sums.iter().map(|bound| bound / sum).collect()
}
