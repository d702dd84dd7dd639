//! Processes that are killed under load: what was acknowledged is never lost, and nothing is left hanging.

#![allow(clippy::unwrap_used)]

mod broker;
mod replacing;
mod replaying;
mod words;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures::future::join_all;
use harness::until;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tests::{Database, Ecosystem, Goods, reaches};
use tradewind::client::{Person, text};

/// Who is killed, over and over.
const VICTIMS: [&str; 7] = ["order", "payment", "logistics", "messaging", "catalog", "identity", "gateway"];

/// What each buyer has, in cents: more than they can spend here.
const MONEY: i64 = 100_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn killed_processes_lose_no_acknowledged_order() {
    for database in Database::at_hand() {
        let seed: u64 = rand::rng().random();
        println!("{database:?}, seed {seed}");
        storm(database, StdRng::seed_from_u64(seed)).await;
    }
}

async fn storm(database: Database, chance: StdRng) {
    let ecosystem = Ecosystem::start(database).await;
    let market = ecosystem.market();
    let goods = market.seller("seller", 1_000_000).await;
    let names: Vec<String> = (0..8).map(|number| format!("buyer{number}")).collect();
    let buyers = join_all(names.iter().map(|name| market.buyer(name, MONEY))).await;

    let calm = AtomicBool::new(false);
    let buying = join_all(buyers.iter().map(|buyer| buy(buyer, &goods, &calm)));
    let talking = words::talk(&buyers[0], &goods.seller, &calm);
    let (acknowledged, (messages, said), ()) = tokio::join!(buying, talking, kill(&ecosystem, chance, &calm));
    let bought: usize = acknowledged.iter().map(Vec::len).sum();
    println!("{bought} orders and {} messages were acknowledged", said.len());
    assert!(bought > 0 && !said.is_empty());

    for (buyer, orders) in buyers.iter().zip(&acknowledged) {
        for order in orders {
            reaches(buyer, order, "PAID").await;
        }
        let spent = MONEY - buyer.balance("USD").await.unwrap();
        assert_eq!(spent, 1_000 * i64::try_from(orders.len()).unwrap(), "each order is paid once");
    }
    let wanted = i64::try_from(bought).unwrap();
    until("exactly what was bought is reserved", || async { goods.stock().await.1 == wanted }).await;
    words::all_stand_once(&goods.seller, &messages, &said).await;
    words::all_payments_are_told_once(&goods.seller, &acknowledged.iter().flatten().collect::<Vec<_>>()).await;
    ecosystem.is_well().await;
}

/// Buys one piece after the other until it is calm; the orders whose payment was acknowledged.
/// Whoever gets no answer asks again under the same key, as a client would.
async fn buy(buyer: &Person, goods: &Goods, calm: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for turn in 0.. {
        if calm.load(Ordering::SeqCst) {
            break;
        }
        let key = format!("checkout {turn}");
        let checkout = loop {
            match buyer.check_out(&key, &[(&goods.variant, 1)], &[], "BR").await {
                Ok(checkout) => break checkout,
                Err(error) => eprintln!("{key}: {error}"),
            }
        };
        while let Err(error) = buyer.pay(&format!("pay {turn}"), &text(&checkout, "paymentId")).await {
            eprintln!("pay {turn}: {error}");
        }
        acknowledged.push(text(&checkout["orders"][0], "id"));
    }
    acknowledged
}

/// Kills every victim twice, one replica or the other, and then lets it be calm.
async fn kill(ecosystem: &Ecosystem, mut chance: StdRng, calm: &AtomicBool) {
    for victim in VICTIMS.iter().cycle().take(2 * VICTIMS.len()) {
        tokio::time::sleep(Duration::from_millis(chance.random_range(300..900))).await;
        let replicas = ecosystem.replicas(victim);
        ecosystem.kill(&replicas[chance.random_range(0..replicas.len())]);
    }
    ecosystem.ready().await;
    calm.store(true, Ordering::SeqCst);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_that_was_killed_is_started_again() {
    if !Database::at_hand().contains(&Database::PostgresWithReplicas) {
        return;
    }
    let ecosystem = Ecosystem::start(Database::PostgresWithReplicas).await;
    let market = ecosystem.market();
    let buyer = market.buyer("before", 500).await;
    ecosystem.kill("postgres");
    until("money that was there before is there again", || async {
        buyer.balance("USD").await.is_ok_and(|balance| balance == 500)
    })
    .await;
    until("accounts are opened again", || async {
        Person::join(&market.gateway, "after@buyer.example", "after", "BR").await.is_ok()
    })
    .await;
    ecosystem.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_while_the_demo_market_is_filled_is_started_again() {
    let ecosystem = Ecosystem::with_demo_market().await;
    ecosystem.kill("catalog");
    until("the demo market is filled", || async { ecosystem.home().join("seeded").exists() }).await;
    ecosystem.is_well().await;
}
