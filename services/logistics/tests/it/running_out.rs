//! Many buyers after the last pieces.

use futures::future::join_all;
use harness::databases;
use proptest::prelude::*;
use proto::logistics::v1::ReleaseRequest;

use crate::world::{World, a_checkout, wanted};

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_buyers_at_two_replicas_get_the_last_ten_pieces_and_no_more() {
    for database in databases().await {
        let world = World::open(database).await;
        let replicas = [world.replica().await, world];
        let (seller, variant) = replicas[0].seller_with(10).await;
        let buyers = (0..64).map(|buyer| {
            let world = replicas[buyer % 2].clone();
            async move { world.reserve(a_checkout(), &[wanted(seller, &[(variant, 1)])]).await.unwrap() }
        });
        let answers = join_all(buyers).await;
        let served = answers.iter().filter(|answer| answer.shortages.is_empty()).count();
        assert_eq!(served, 10);
        assert!(answers.iter().all(|answer| answer.orders.len() + answer.shortages.len() == 1));
        assert_eq!(replicas[1].levels(seller, variant).await, (10, 10));
        replicas[0].ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checkouts_over_several_products_never_deadlock_or_oversell() {
    for database in databases().await {
        let world = World::open(database).await;
        let replicas = [world.replica().await, world];
        let mut goods = Vec::new();
        for _ in 0..4 {
            goods.push(replicas[0].seller_with(20).await);
        }
        let buyers = (0..80).map(|buyer: usize| {
            let world = replicas[buyer % 2].clone();
            // Every buyer wants two sellers' goods, in another order than the next one.
            let (one, two) = (goods[buyer % 4], goods[(buyer / 4 + 1 + buyer) % 4]);
            async move {
                let mut orders = vec![wanted(one.0, &[(one.1, 1)])];
                if one != two {
                    orders.push(wanted(two.0, &[(two.1, 1)]));
                }
                let count = orders.len();
                let answer = world.reserve(a_checkout(), &orders).await.unwrap();
                if answer.shortages.is_empty() { count as i64 } else { 0 }
            }
        });
        let sold: i64 = join_all(buyers).await.into_iter().sum();
        let mut reserved = 0;
        for (seller, variant) in goods {
            let levels = replicas[0].levels(seller, variant).await;
            assert!(levels.1 <= 20);
            reserved += levels.1;
        }
        assert_eq!(reserved, sold);
        replicas[0].ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_checkout_at_two_replicas_at_once_is_reserved_once() {
    for database in databases().await {
        let world = World::open(database).await;
        let replicas = [world.replica().await, world];
        let (seller, variant) = replicas[0].seller_with(10).await;
        let (checkout, order) = (a_checkout(), wanted(seller, &[(variant, 3)]));
        let attempts = (0..16).map(|attempt| {
            let (world, order) = (replicas[attempt % 2].clone(), order.clone());
            async move { world.reserve(checkout, &[order]).await.unwrap() }
        });
        let answers = join_all(attempts).await;
        assert!(answers.iter().all(|answer| answer == &answers[0] && answer.orders.len() == 1));
        assert_eq!(replicas[0].levels(seller, variant).await, (10, 3));
        replicas[0].ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_of_reserve_and_release_wins_nothing_stays_reserved() {
    for database in databases().await {
        let world = World::open(database).await;
        let replicas = [world.replica().await, world];
        let (seller, variant) = replicas[0].seller_with(1_000).await;
        let races = (0..40).map(|_| {
            let [reserving, releasing] = replicas.clone();
            async move {
                let (checkout, order) = (a_checkout(), wanted(seller, &[(variant, 3)]));
                let release = ReleaseRequest {
                    checkout_id: checkout.to_string(),
                };
                let mut client = releasing.reservations();
                let orders = [order];
                let (reserved, released) = tokio::join!(reserving.reserve(checkout, &orders), client.release(release));
                released.unwrap();
                reserved.is_ok()
            }
        });
        join_all(races).await;
        assert_eq!(replicas[0].levels(seller, variant).await, (1_000, 0));
        replicas[0].ledger_agrees().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_is_wanted_at_once_no_more_is_promised_than_there_is(pieces in 1i64..30, wishes in prop::collection::vec(1i64..8, 1..24)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (promised, levels) = runtime.block_on(async {
            let database = harness::Database::sqlite();
            let world = World::open(database).await;
            let (seller, variant) = world.seller_with(pieces).await;
            let buyers = wishes.iter().map(|quantity| {
                let (world, quantity) = (world.clone(), *quantity);
                async move {
                    let answer = world.reserve(a_checkout(), &[wanted(seller, &[(variant, quantity)])]).await.unwrap();
                    if answer.shortages.is_empty() { quantity } else { 0 }
                }
            });
            let promised: i64 = join_all(buyers).await.into_iter().sum();
            world.ledger_agrees().await;
            (promised, world.levels(seller, variant).await)
        });
        prop_assert!(promised <= pieces);
        prop_assert_eq!(levels, (pieces, promised));
        // Nobody was refused for nothing: what is left is less than the smallest wish that was refused, or all were served.
        let total: i64 = wishes.iter().sum();
        prop_assert!(promised == total || pieces - promised < *wishes.iter().max().unwrap());
    }
}
