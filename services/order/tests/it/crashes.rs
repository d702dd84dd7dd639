//! The service ends in the middle of a checkout, at every step, and another instance takes over.

use std::time::Duration;

use harness::{reason, until};
use kernel::VariantId;
use proto::order::v1::{CheckoutState, CreateCheckoutRequest, OrderState};
use tokio::time::timeout;

use crate::{
    instance::Client,
    peers::{Fault, faults::Faults, logistics::Hold, payment::Intent},
    world::{World, organisation, quick, request, worlds},
};

/// Where it ends: in which call, before or after that was carried out; whether payment has refused the intent on the way there; and what
/// the checkout comes to. A refusal that was neither taken back nor recorded may be an acceptance the next time.
pub(crate) struct Crash {
    pub(crate) rpc: &'static str,
    pub(crate) fault: Fault,
    pub(crate) refused: bool,
    pub(crate) placed: bool,
}

const CRASHES: [Crash; 8] = [
    Crash {
        rpc: "Reserve",
        fault: Fault::Hang,
        refused: false,
        placed: true,
    },
    Crash {
        rpc: "Reserve",
        fault: Fault::DoAndHang,
        refused: false,
        placed: true,
    },
    Crash {
        rpc: "OpenIntent",
        fault: Fault::Hang,
        refused: false,
        placed: true,
    },
    Crash {
        rpc: "OpenIntent",
        fault: Fault::DoAndHang,
        refused: false,
        placed: true,
    },
    Crash {
        rpc: "CancelIntent",
        fault: Fault::Hang,
        refused: true,
        placed: true,
    },
    Crash {
        rpc: "CancelIntent",
        fault: Fault::DoAndHang,
        refused: true,
        placed: false,
    },
    Crash {
        rpc: "Release",
        fault: Fault::Hang,
        refused: true,
        placed: false,
    },
    Crash {
        rpc: "Release",
        fault: Fault::DoAndHang,
        refused: true,
        placed: false,
    },
];

fn faults_of<'a>(world: &'a World, rpc: &str) -> &'a Faults {
    match rpc {
        "PriceLines" => &world.catalog.faults,
        "Reserve" | "Release" => &world.logistics.faults,
        _ => &world.payment.faults,
    }
}

/// Starts a checkout, ends the service in the middle of it, and returns the goods and the request.
pub(crate) async fn crash(world: &World, crash: &Crash) -> (VariantId, CreateCheckoutRequest, kernel::OrganisationId) {
    let (buyer, variant) = (organisation(), world.goods(organisation(), 10, 10));
    if crash.refused {
        world.payment.faults.plan("OpenIntent", [Fault::Refuse]);
    }
    let faults = faults_of(world, crash.rpc);
    faults.plan(crash.rpc, [crash.fault.clone()]);
    // Nobody but the crash ends a step, and nobody recovers the checkout before it, however slow the machine is.
    let instance = world
        .instance(order::Config {
            step_timeout_ms: 60_000,
            saga_recovery_s: 600,
            ..quick()
        })
        .await;
    let wish = request("key", &[(variant, 2)]);
    let client = instance.client(buyer);
    let asked = tokio::spawn({
        let wish = wish.clone();
        async move { client.check_out(wish).await }
    });
    timeout(Duration::from_secs(20), faults.hangs()).await.expect("the step is reached");
    instance.crash();
    assert!(asked.await.unwrap().is_err(), "the client loses its connection");
    (variant, wish, buyer)
}

/// Nothing is left behind: what is placed is reserved and can be paid, what failed holds nothing.
pub(crate) async fn assert_consistent(world: &World, client: &Client, variant: VariantId) -> bool {
    let orders = client.list("buyer").await;
    let (holds, intents) = (world.logistics.holds(), world.payment.intents());
    assert_eq!((holds.len(), intents.len()), (1, 1));
    let placed = !orders.is_empty();
    if placed {
        assert_eq!(orders.len(), 1);
        assert_eq!(orders[0].state(), OrderState::Placed);
        assert!(matches!(&holds[0], (id, Hold::Held(_)) if *id == orders[0].checkout_id));
        assert!(matches!(&intents[0], (id, Intent::Open(_)) if *id == orders[0].payment_id));
        assert_eq!(world.logistics.available(variant), 8);
    } else {
        assert_eq!(holds[0].1, Hold::Released);
        assert!(matches!(intents[0].1, Intent::Cancelled(_)));
        assert_eq!(world.logistics.available(variant), 10);
    }
    placed
}

pub(crate) async fn decided(world: &World, client: &Client) -> CheckoutState {
    let (checkout_id, _) = world
        .logistics
        .holds()
        .into_iter()
        .next()
        .expect("a step was reached, so there is a checkout");
    client.checkout(&checkout_id).await.unwrap().state()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_at_any_step_the_recovery_ends_the_checkout() {
    for case in &CRASHES {
        for world in worlds().await {
            let (variant, wish, buyer) = crash(&world, case).await;
            world.make_due("saga_recovery").await;
            let instance = world.instance(quick()).await;
            let client = instance.client(buyer);
            until("the checkout is decided", || async {
                !world.logistics.holds().is_empty() && decided(&world, &client).await != CheckoutState::Pending
            })
            .await;
            let placed = assert_consistent(&world, &client, variant).await;
            assert_eq!(placed, case.placed, "{} {:?}", case.rpc, case.fault);
            // The client asks again, and is told what became of it.
            match client.check_out(wish).await {
                Ok(checkout) => assert!(placed && checkout.state() == CheckoutState::Open),
                // Once its stock was released, that is what refuses it.
                Err(status) => assert!(!placed && ["PAYMENT_REFUSED", "RESERVATION_REFUSED"].contains(&reason(&status).as_str())),
            }
            assert_consistent(&world, &client, variant).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_at_any_step_the_clients_own_retry_ends_the_checkout() {
    for case in &CRASHES {
        for world in worlds().await {
            let (variant, wish, buyer) = crash(&world, case).await;
            // The recovery is far away.
            let instance = world
                .instance(order::Config {
                    saga_recovery_s: 600,
                    ..quick()
                })
                .await;
            let client = instance.client(buyer);
            let again = client.check_out(wish.clone()).await;
            let placed = assert_consistent(&world, &client, variant).await;
            assert_eq!(again.is_ok(), placed);
            assert_eq!(placed, case.placed, "{} {:?}", case.rpc, case.fault);
            let once_more = client.check_out(wish).await;
            assert_eq!(once_more.map(|checkout| checkout.id).ok(), again.map(|checkout| checkout.id).ok());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_first_write_leaves_nothing() {
    for world in worlds().await {
        let case = Crash {
            rpc: "PriceLines",
            fault: Fault::DoAndHang,
            refused: false,
            placed: true,
        };
        let (variant, wish, buyer) = crash(&world, &case).await;
        assert!(world.logistics.holds().is_empty() && world.payment.intents().is_empty());
        let instance = world.instance(quick()).await;
        let client = instance.client(buyer);
        let checkout = client.check_out(wish).await.unwrap();
        assert_eq!(checkout.state(), CheckoutState::Open);
        assert!(assert_consistent(&world, &client, variant).await);
        world.rests().await;
    }
}
