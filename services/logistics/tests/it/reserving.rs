//! Reserve and Release.

use harness::{databases, fields, reason, until, usd};
use proto::logistics::v1::{ReleaseRequest, ReserveRequest, SetFreightRatesRequest, ShortageReason};
use tonic::Code;

use crate::world::{World, a_checkout, rate, request, somebody, something, wanted};

#[tokio::test]
async fn a_checkout_is_reserved_as_a_whole_and_its_freight_is_quoted() {
    for database in databases().await {
        let world = World::open(database).await;
        let (first, one) = world.seller_with(10).await;
        let (second, other) = world.seller_with(5).await;
        let orders = [wanted(first, &[(one, 4)]), wanted(second, &[(other, 5)])];
        let answer = world.reserve(a_checkout(), &orders).await.unwrap();
        assert_eq!(answer.shortages, []);
        let freight: Vec<_> = answer
            .orders
            .iter()
            .map(|order| (order.order_id.clone(), order.freight.clone()))
            .collect();
        // 4 pieces of 400 g are two kilograms begun; 5 are exactly two.
        assert_eq!(
            freight,
            [(orders[0].order.to_string(), usd(700)), (orders[1].order.to_string(), usd(700))]
        );
        assert_eq!(world.levels(first, one).await, (10, 4));
        assert_eq!(world.levels(second, other).await, (5, 5));
        world.ledger_agrees().await;
    }
}

#[tokio::test]
async fn one_shortage_reserves_nothing_and_the_answer_stands() {
    for database in databases().await {
        let world = World::open(database).await;
        let (first, one) = world.seller_with(10).await;
        let (second, other) = world.seller_with(5).await;
        let orders = [wanted(first, &[(one, 4)]), wanted(second, &[(other, 6)])];
        let checkout = a_checkout();
        let answer = world.reserve(checkout, &orders).await.unwrap();
        assert_eq!(answer.orders, []);
        let short: Vec<_> = answer
            .shortages
            .iter()
            .map(|short| (short.wanted, short.available, short.reason()))
            .collect();
        assert_eq!(short, [(6, 5, ShortageReason::OutOfStock)]);
        assert_eq!(
            (world.levels(first, one).await, world.levels(second, other).await),
            ((10, 0), (5, 0))
        );
        let more = world.warehouse(second, "CN", vec![]).await;
        world.receive(&more, other, 100).await;
        assert_eq!(world.reserve(checkout, &orders).await.unwrap(), answer);
        assert_eq!(world.levels(first, one).await, (10, 0));
    }
}

#[tokio::test]
async fn repeating_a_reservation_answers_the_same_and_takes_nothing_more() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = world.seller_with(10).await;
        let (checkout, orders) = (a_checkout(), [wanted(seller, &[(variant, 4)])]);
        let first = world.reserve(checkout, &orders).await.unwrap();
        assert_eq!(world.reserve(checkout, &orders).await.unwrap(), first);
        assert_eq!(world.levels(seller, variant).await, (10, 4));
        let others = [wanted(seller, &[(variant, 4)])];
        assert_eq!(world.reserve(checkout, &others).await.unwrap_err().code(), Code::FailedPrecondition);
        assert_eq!(world.levels(seller, variant).await, (10, 4));
    }
}

#[tokio::test]
async fn a_released_checkout_reserves_nothing_any_more() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = world.seller_with(10).await;
        for reserve_first in [true, false] {
            let (checkout, orders) = (a_checkout(), [wanted(seller, &[(variant, 4)])]);
            if reserve_first {
                world.reserve(checkout, &orders).await.unwrap();
                assert_eq!(world.levels(seller, variant).await, (10, 4));
            }
            for _ in 0..2 {
                let release = ReleaseRequest {
                    checkout_id: checkout.to_string(),
                };
                world.reservations().release(release).await.unwrap();
                assert_eq!(world.levels(seller, variant).await, (10, 0));
            }
            let refused = world.reserve(checkout, &orders).await.unwrap_err();
            assert_eq!(refused.code(), Code::FailedPrecondition);
            assert_eq!(reason(&refused), "CHECKOUT_RELEASED");
            assert_eq!(world.levels(seller, variant).await, (10, 0));
            let told = world.count_told("logistics.v1.released", orders[0].order).await;
            assert_eq!(told, usize::from(reserve_first));
        }
        world.ledger_agrees().await;
    }
}

#[tokio::test]
async fn others_hear_when_something_sells_out_and_when_it_can_be_had_again() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = world.seller_with(10).await;
        let stock = kernel::StockId::derived(seller, &variant.to_string());
        let mut heard = Vec::new();
        let last = a_checkout();
        for (checkout, quantity) in [(a_checkout(), 4), (last, 6)] {
            world.reserve(checkout, &[wanted(seller, &[(variant, quantity)])]).await.unwrap();
            heard.push(world.count_told("logistics.v1.stock_changed", stock).await);
        }
        let release = ReleaseRequest {
            checkout_id: last.to_string(),
        };
        world.reservations().release(release).await.unwrap();
        heard.push(world.count_told("logistics.v1.stock_changed", stock).await);
        assert_eq!(heard, [1, 2, 3]);
    }
}

#[tokio::test]
async fn an_order_that_no_warehouse_holds_alone_comes_from_two() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = (somebody(), something());
        for (country, base) in [("CN", 300), ("DE", 200), ("FR", 100)] {
            let warehouse = world.warehouse(seller, country, vec![rate(&["DE"], base, 0)]).await;
            world.receive(&warehouse, variant, 5).await;
        }
        let answer = world.reserve(a_checkout(), &[wanted(seller, &[(variant, 8)])]).await.unwrap();
        assert_eq!(answer.orders[0].freight, usd(300));
        world.ledger_agrees().await;
    }
}

#[tokio::test]
async fn freight_that_cannot_be_quoted_is_a_shortage_with_its_reason() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = (somebody(), something());
        let warehouse = world.warehouse(seller, "CN", vec![rate(&["FR"], 1, 0)]).await;
        world.receive(&warehouse, variant, 5).await;
        let answer = world.reserve(a_checkout(), &[wanted(seller, &[(variant, 1)])]).await.unwrap();
        assert_eq!(answer.shortages[0].reason(), ShortageReason::NoFreightRate);
        let mut in_euro = request(a_checkout(), &[wanted(seller, &[(variant, 1)])]);
        (in_euro.currency, in_euro.ship_to_country) = ("EUR".to_owned(), "FR".to_owned());
        let answer = world.reservations().reserve(in_euro).await.unwrap().into_inner();
        assert_eq!(answer.shortages[0].reason(), ShortageReason::FreightCurrency);
        let mut agreed = request(a_checkout(), &[wanted(seller, &[(variant, 1)])]);
        agreed.orders[0].freight_agreed = true;
        let answer = world.reservations().reserve(agreed).await.unwrap().into_inner();
        assert_eq!(answer.orders[0].freight, usd(0));
    }
}

#[tokio::test]
async fn goods_of_any_weight_are_reserved_or_named_as_too_heavy_for_their_rate() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = world.seller_with(10).await;
        let weighing = |weight_mg, quantity| {
            let mut request = request(a_checkout(), &[wanted(seller, &[(variant, quantity)])]);
            request.orders[0].lines[0].weight_mg = weight_mg;
            request
        };
        let answer = world
            .reservations()
            .reserve(weighing(9_000_000_000_000, 2))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.orders[0].freight, usd(500 + 18_000_000 * 100));
        let dear = world.warehouse(seller, "CN", vec![rate(&[], 500, i64::MAX / 2)]).await;
        let scarce = something();
        world.receive(&dear, scarce, 5).await;
        let mut heavy = weighing(i64::MAX, 1);
        heavy.orders[0].lines[0].variant_id = scarce.to_string();
        let answer = world.reservations().reserve(heavy).await.unwrap().into_inner();
        let short: Vec<_> = answer.shortages.iter().map(|short| short.reason()).collect();
        assert_eq!(short, [ShortageReason::FreightTooMuch]);
    }
}

#[tokio::test]
async fn another_replica_quotes_new_freight_within_seconds() {
    for database in databases().await {
        let here = World::open(database).await;
        let there = here.replica().await;
        let (seller, variant) = (somebody(), something());
        let warehouse = here.warehouse(seller, "CN", vec![rate(&[], 100, 0)]).await;
        here.receive(&warehouse, variant, 1_000).await;
        let quoted = async |world: &World| {
            world
                .reserve(a_checkout(), &[wanted(seller, &[(variant, 1)])])
                .await
                .unwrap()
                .orders[0]
                .freight
                .clone()
        };
        assert_eq!((quoted(&here).await, quoted(&there).await), (usd(100), usd(100)));
        let set = SetFreightRatesRequest {
            request_id: String::new(),
            warehouse_id: warehouse.id.clone(),
            freight_rates: vec![rate(&[], 250, 0)],
            etag: String::new(),
        };
        here.warehouses(seller).set_freight_rates(set).await.unwrap();
        assert_eq!(quoted(&here).await, usd(250));
        until("the other replica quotes the new rate", async || quoted(&there).await == usd(250)).await;
        // A warehouse that the other replica has not heard of is found at once.
        let fresh = here.warehouse(seller, "DE", vec![rate(&[], 1, 0)]).await;
        here.receive(&fresh, variant, 1).await;
        assert_eq!(quoted(&there).await, usd(1));
    }
}

#[tokio::test]
async fn bad_wishes_name_every_field() {
    let database = harness::Database::sqlite();
    let world = World::open(database).await;
    let (seller, variant) = world.seller_with(10).await;
    let refused = async |request: ReserveRequest| fields(&world.reservations().reserve(request).await.unwrap_err());
    assert_eq!(
        refused(ReserveRequest::default()).await,
        ["checkout_id", "ship_to_country", "currency", "expire_time", "orders"]
    );
    let twice = wanted(seller, &[(variant, 1)]);
    assert_eq!(
        refused(request(a_checkout(), &[twice.clone(), twice])).await,
        ["orders[1].order_id"]
    );
    let mut bad = request(a_checkout(), &[wanted(seller, &[(variant, 0), (variant, i64::MAX)])]);
    bad.orders[0].lines[1].weight_mg = -1;
    assert_eq!(
        refused(bad).await,
        [
            "orders[0].lines[0].quantity",
            "orders[0].lines[1].quantity",
            "orders[0].lines[1].weight_mg"
        ]
    );
    assert_eq!(world.levels(seller, variant).await, (10, 0));
}
