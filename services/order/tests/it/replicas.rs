//! Two instances on one database: they answer the same requests, recover the same checkouts, and hear the same facts.

use futures::future::join_all;
use harness::{Database, reason};
use proto::order::v1::{CheckoutState, OrderState};

use crate::{
    peers::{
        Fault,
        logistics::Hold,
        payment::{Intent, LIMIT},
    },
    world::{World, organisation, quick, request},
};

const CHECKOUTS: usize = 24;

/// Every fourth costs more than payment takes.
fn pieces(key: usize) -> i64 {
    if key % 4 == 3 { LIMIT } else { 2 }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_decide_every_checkout_once() {
    // SQLite has one writer, and so one process.
    let Some(database) = Database::postgres().await else { return };
    let world = World::around(database).await;
    // A short recovery, so that it drives what the requests still drive.
    let config = order::Config {
        saga_recovery_s: 0,
        ..quick()
    };
    let replicas = [world.instance(config.clone()).await, world.instance(config).await];
    let buyer = organisation();
    let clients = [replicas[0].client(buyer), replicas[1].client(buyer)];
    let stock = 100 * LIMIT;
    let variant = world.goods(organisation(), 10, stock);
    let faults = || [Fault::DoAndLose, Fault::Fail, Fault::DoAndHang].into_iter().cycle().take(40);
    for rpc in ["Reserve", "Release"] {
        world.logistics.faults.plan(rpc, faults());
    }
    for rpc in ["OpenIntent", "CancelIntent"] {
        world.payment.faults.plan(rpc, faults());
    }

    // Every request goes to both, and again until it is decided.
    let asked = (0..CHECKOUTS).flat_map(|key| clients.iter().map(move |client| (key, client)));
    let answers = join_all(asked.map(|(key, client)| async move {
        loop {
            match client.check_out(request(&key.to_string(), &[(variant, pieces(key))])).await {
                Ok(checkout) => break Ok(checkout),
                Err(status) if reason(&status) == "UNAVAILABLE" => {}
                Err(status) => break Err(reason(&status)),
            }
        }
    }))
    .await;
    let mut placed = Vec::new();
    for (key, told) in answers.chunks(2).enumerate() {
        match told {
            [Ok(one), Ok(other)] => {
                assert_eq!(one.id, other.id);
                placed.push(one.clone());
            }
            [Err(one), Err(other)] => {
                assert_eq!((one, key % 4), (other, 3));
                assert!(["PAYMENT_REFUSED", "RESERVATION_REFUSED"].contains(&one.as_str()), "{one}");
            }
            told => panic!("the replicas tell different things: {told:?}"),
        }
    }
    assert_eq!(placed.len(), CHECKOUTS * 3 / 4);

    // Nothing leaks: stock and payments are held for what was placed, and for nothing else.
    let held = world
        .logistics
        .holds()
        .into_iter()
        .filter(|(_, hold)| matches!(hold, Hold::Held(_)));
    let open = world
        .payment
        .intents()
        .into_iter()
        .filter(|(_, intent)| matches!(intent, Intent::Open(_)));
    let mut expected: Vec<_> = placed
        .iter()
        .map(|checkout| (checkout.id.clone(), checkout.payment_id.clone()))
        .collect();
    expected.sort_unstable();
    assert_eq!(
        held.map(|(id, _)| id).collect::<Vec<_>>(),
        expected.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()
    );
    expected.sort_unstable_by_key(|(_, payment)| payment.clone());
    assert_eq!(
        open.map(|(id, _)| id).collect::<Vec<_>>(),
        expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    );
    assert_eq!(world.logistics.available(variant), stock - 2 * placed.len() as i64);

    for checkout in &placed {
        assert_eq!(checkout.state(), CheckoutState::Open);
        world.payment.pay(&checkout.payment_id).await;
    }
    for checkout in &placed {
        clients[1].until(&checkout.orders[0].id, OrderState::Paid).await;
    }
    world.rests().await;
}
