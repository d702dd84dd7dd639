//! Reads of the catalog, and transfers between wallets.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{
    BUYERS,
    load::{self, Clock, Load},
    market::Market,
    stack::Stack,
    wire::Wire,
};

pub(crate) async fn products(stack: &Stack, market: &Market, time: Duration) -> Result<Load> {
    let paths: Arc<[String]> = market.products.iter().map(|product| format!("/v1/products/{product}")).collect();
    read(stack.port, paths, time).await
}

pub(crate) async fn lists(stack: &Stack, time: Duration) -> Result<Load> {
    read(stack.port, Arc::new(["/v1/products?pageSize=20".to_owned()]), time).await
}

/// Asks these queries, written as a URL has them.
pub(crate) async fn searches(stack: &Stack, queries: &[String], time: Duration) -> Result<Load> {
    let paths = queries.iter().map(|query| format!("/v1/products:search?pageSize=20&query={query}"));
    read(stack.port, paths.collect(), time).await
}

async fn read(port: u16, paths: Arc<[String]>, time: Duration) -> Result<Load> {
    let clock = Clock::start(time);
    let workers = (0..BUYERS).map(|number| {
        let paths = Arc::clone(&paths);
        async move {
            let mut wire = Wire::connect(port, "").await?;
            let mut chance = StdRng::seed_from_u64(number as u64);
            let mut done = Vec::new();
            while clock.goes_on() {
                let started = Instant::now();
                let answer = wire.get(&paths[chance.random_range(0..paths.len())]).await?;
                ensure!(answer.status == 200, "{} {}", answer.status, answer.body);
                done.push((Instant::now(), started.elapsed()));
            }
            Ok(done)
        }
    });
    load::gather(clock, workers).await
}

pub(crate) async fn transfers(stack: &Stack, market: &Market, time: Duration) -> Result<Load> {
    let clock = Clock::start(time);
    let owners: Arc<[String]> = market.buyers.iter().map(|buyer| buyer.organisation.clone()).collect();
    let workers = market.buyers.iter().enumerate().map(|(number, buyer)| {
        let (port, token, owners) = (stack.port, buyer.token.clone(), Arc::clone(&owners));
        async move {
            let mut wire = Wire::connect(port, &token).await?;
            let mut chance = StdRng::seed_from_u64(number as u64);
            let mut done = Vec::new();
            for turn in 0.. {
                if !clock.goes_on() {
                    break;
                }
                let recipient = (number + chance.random_range(1..owners.len())) % owners.len();
                let body = format!(
                    "{{\"recipientId\":\"{}\",\"amount\":{{\"minorUnits\":\"1\",\"currency\":\"USD\"}}}}",
                    owners[recipient]
                );
                let started = Instant::now();
                wire.post("/v1/wallets:transfer", &format!("transfer-{number}-{turn}"), &body)
                    .await?;
                done.push((Instant::now(), started.elapsed()));
            }
            Ok(done)
        }
    });
    load::gather(clock, workers).await
}
