//! Processes that are killed under load: what was acknowledged is never lost, and nothing is left hanging.

#![allow(clippy::unwrap_used)]

mod broker;
mod words;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures::future::join_all;
use harness::until;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tests::{Database, Ecosystem, Market};
use tradewind::client::{Person, number, text};

/// Who is killed, over and over.
const VICTIMS: [&str; 7] = ["order", "payment", "logistics", "messaging", "catalog", "identity", "gateway"];

/// The databases that are at hand.
fn databases() -> Vec<Database> {
    if std::path::Path::new("/usr/lib/postgresql").exists() {
        vec![Database::Sqlite, Database::PostgresWithReplicas]
    } else {
        vec![Database::Sqlite]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_processes_lose_no_acknowledged_order() {
    for database in databases() {
        let seed: u64 = rand::rng().random();
        println!("{database:?}, seed {seed}");
        storm(database, StdRng::seed_from_u64(seed)).await;
    }
}

async fn storm(database: Database, mut chance: StdRng) {
    let ecosystem = Ecosystem::start(database).await;
    let market = Market {
        gateway: ecosystem.gateway(),
    };
    let goods = market.seller("seller", 1_000_000).await;
    let names: Vec<String> = (0..8).map(|number| format!("buyer{number}")).collect();
    let buyers = join_all(names.iter().map(|name| market.buyer(name, 100_000_000))).await;

    let calm = AtomicBool::new(false);
    let buying = join_all(buyers.iter().map(|buyer| async {
        let mut acknowledged = Vec::new();
        for turn in 0.. {
            if calm.load(Ordering::SeqCst) {
                break;
            }
            // Whoever gets no answer asks again under the same key, as a client would.
            let checkout = loop {
                match buyer
                    .check_out(&format!("checkout {turn}"), &[(&goods.variant, 1)], &[], "BR")
                    .await
                {
                    Ok(checkout) => break checkout,
                    Err(error) => eprintln!("checkout {turn}: {error}"),
                }
            };
            while let Err(error) = buyer.pay(&format!("pay {turn}"), &text(&checkout, "paymentId")).await {
                eprintln!("pay {turn}: {error}");
            }
            acknowledged.push(text(&checkout["orders"][0], "id"));
        }
        acknowledged
    }));
    let killing = async {
        for round in 0..2 * VICTIMS.len() {
            tokio::time::sleep(Duration::from_millis(chance.random_range(300..900))).await;
            let victim = VICTIMS[round % VICTIMS.len()];
            let replicated = ["order", "payment", "logistics", "messaging"].contains(&victim);
            let second = database == Database::PostgresWithReplicas && replicated && chance.random();
            ecosystem.kill(&if second { format!("{victim}-2") } else { victim.to_owned() });
        }
        ecosystem.ready().await;
        calm.store(true, Ordering::SeqCst);
    };
    let talking = words::talk(&buyers[0], &goods.seller, &calm);
    let (acknowledged, (messages, said), ()) = tokio::join!(buying, talking, killing);
    let bought: usize = acknowledged.iter().map(Vec::len).sum();
    println!("{bought} orders and {} messages were acknowledged", said.len());
    assert!(bought > 0 && !said.is_empty());

    for (buyer, orders) in buyers.iter().zip(&acknowledged) {
        for order in orders {
            until(&format!("{order} is paid"), || async {
                buyer
                    .order(order)
                    .await
                    .is_ok_and(|order| text(&order, "state") == "ORDER_STATE_PAID")
            })
            .await;
        }
        let spent = 100_000_000 - buyer.balance("USD").await.unwrap();
        assert_eq!(spent, 1_000 * i64::try_from(orders.len()).unwrap(), "each order is paid once");
    }
    let wanted = i64::try_from(bought).unwrap();
    until("exactly what was bought is reserved", || async {
        let stock = goods.seller.client.get(&format!("/v1/stock/{}", goods.variant)).await.unwrap();
        number(&stock, "reserved") == wanted
    })
    .await;
    words::all_stand_once(&goods.seller, &messages, &said).await;
    words::all_payments_are_told_once(&goods.seller, &acknowledged.iter().flatten().collect::<Vec<_>>()).await;
    assert_eq!(market.violations().await, Vec::<serde_json::Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_that_was_killed_is_started_again() {
    if !databases().contains(&Database::PostgresWithReplicas) {
        return;
    }
    let ecosystem = Ecosystem::start(Database::PostgresWithReplicas).await;
    let market = Market {
        gateway: ecosystem.gateway(),
    };
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
    assert_eq!(market.violations().await, Vec::<serde_json::Value>::new());
}
