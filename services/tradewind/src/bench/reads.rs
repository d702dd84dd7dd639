//! Reads of the catalog, and transfers between wallets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
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
use crate::client::text;

/// In which order paths are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Each reader by chance, so that they come again and again.
    Chance,
    /// All readers together, one path after the other: none comes again before all have been read.
    Turn,
}

pub(crate) async fn products(stack: &Stack, market: &Market, time: Duration) -> Result<Load> {
    let paths = market.products.iter().map(|product| format!("/v1/products/{product}"));
    read(stack.port, paths.collect(), Order::Chance, time).await
}

/// Reads the pages of the list of all products.
pub(crate) async fn lists(stack: &Stack, market: &Market, time: Duration) -> Result<Load> {
    let mut paths = vec!["/v1/products?pageSize=20".to_owned()];
    loop {
        let page = market.gateway.get(&paths[paths.len() - 1]).await?;
        let token = text(&page, "nextPageToken");
        if token.is_empty() {
            break;
        }
        paths.push(format!("/v1/products?pageSize=20&pageToken={token}"));
    }
    read(stack.port, paths.into(), Order::Chance, time).await
}

/// Asks these queries, written as a URL has them.
pub(crate) async fn searches(stack: &Stack, queries: &[String], order: Order, time: Duration) -> Result<Load> {
    let paths = queries.iter().map(|query| format!("/v1/products:search?pageSize=20&query={query}"));
    read(stack.port, paths.collect(), order, time).await
}

async fn read(port: u16, paths: Arc<[String]>, order: Order, time: Duration) -> Result<Load> {
    let clock = Clock::start(time);
    let turn = Arc::new(AtomicUsize::new(0));
    let workers = (0..BUYERS).map(|number| {
        let (paths, turn) = (Arc::clone(&paths), Arc::clone(&turn));
        async move {
            let mut wire = Wire::connect(port, "").await?;
            let mut chance = StdRng::seed_from_u64(number as u64);
            let mut done = Vec::new();
            while clock.goes_on() {
                let next = match order {
                    Order::Chance => chance.random_range(0..paths.len()),
                    Order::Turn => turn.fetch_add(1, Relaxed) % paths.len(),
                };
                let started = Instant::now();
                let answer = wire.get(&paths[next]).await?;
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
