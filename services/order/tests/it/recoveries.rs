//! What payment tells while a checkout is between its two writes, and what becomes of one that stays there for too long.

use harness::{reason, until, usd};
use kernel::VariantId;
use proto::order::v1::{CheckoutState, CreateCheckoutRequest, OrderState};

use crate::{
    crashes::{Crash, assert_consistent, crash, decided},
    instance::{Client, Instance},
    peers::{Fault, logistics::FREIGHT, payment::Escrow},
    quotations::{LONG, offer, quote},
    world::{World, organisation, quick, request, worlds},
};

/// How often a call is sent until the saga lets it rest: as often as the connection sends it.
pub(crate) const EVERY_TRY: usize = 3;

/// Payment tells something between the two writes of a checkout. Order hears of it while nobody drives the checkout, and keeps it.
async fn told_between(world: &World, tell: impl AsyncFnOnce(&str)) -> (Instance, Client, VariantId, CreateCheckoutRequest) {
    let case = Crash {
        rpc: "OpenIntent",
        fault: Fault::DoAndHang,
        refused: false,
        placed: true,
    };
    let (variant, wish, buyer) = crash(world, &case).await;
    let (payment, _) = world.payment.intents().remove(0);
    tell(&payment).await;
    let patient = order::Config {
        saga_recovery_s: 600,
        ..quick()
    };
    let instance = world.instance(patient).await;
    until("order has heard of it", || world.has_heard("payment")).await;
    let client = instance.client(buyer);
    (instance, client, variant, wish)
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_before_the_orders_are_placed_finds_them() {
    for world in worlds().await {
        let pays = async |payment: &str| world.payment.pay(payment).await;
        let (_instance, client, _, wish) = told_between(&world, pays).await;
        assert!(client.list("buyer").await.is_empty());
        assert_eq!(client.check_out(wish).await.unwrap().state(), CheckoutState::Paid);
        let order = client.list("buyer").await.remove(0);
        assert_eq!(order.state(), OrderState::Paid);
        world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_cancelled_before_the_orders_are_placed_fails_the_checkout() {
    for world in worlds().await {
        let cancels = async |payment: &str| world.payment.cancel_by_itself(payment).await;
        let (_instance, client, variant, wish) = told_between(&world, cancels).await;
        assert_eq!(reason(&client.check_out(wish).await.unwrap_err()), "PAYMENT_REFUSED");
        assert!(!assert_consistent(&world, &client, variant).await);
        world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_after_its_stock_was_lost_is_placed_and_refunded() {
    for world in worlds().await {
        let variant = world.goods(organisation(), 10, 10);
        world.payment.faults.plan("OpenIntent", vec![Fault::DoAndLose; EVERY_TRY]);
        let instance = world
            .instance(order::Config {
                saga_give_up_s: 0,
                saga_recovery_s: 600,
                ..quick()
            })
            .await;
        let (buyer, seller) = (organisation(), organisation());
        let quoted = world.goods(seller, 100, 10);
        let quotation = quote(&instance.client(seller), offer(buyer, quoted, LONG)).await.unwrap();
        let client = instance.client(buyer);
        let wish = CreateCheckoutRequest {
            quotation_ids: vec![quotation.id],
            ..request("key", &[(variant, 2)])
        };
        client.check_out(wish).await.unwrap_err();
        let (payment, _) = world.payment.intents().remove(0);
        let paid = world.payment.capture(&payment);
        world.payment.tell_funded(&paid).await;
        // Logistics' own backstop is faster than our recovery.
        world.logistics.expire();
        world.make_due("saga_recovery").await;
        until("the orders are there", || async { client.list("buyer").await.len() == 2 }).await;
        // They say what was paid and goes back, with logistics' freight or the quotation's.
        for (paid, freight) in paid.orders.iter().zip([FREIGHT, 300]) {
            let cancelled = client.until(&paid.order_id, OrderState::Cancelled).await;
            assert_eq!(cancelled.cancel_reason, "OUT_OF_STOCK");
            assert_eq!((cancelled.total, cancelled.freight), (paid.amount.clone(), usd(freight)));
            assert_eq!(world.payment.escrow(&paid.order_id), Some(Escrow::Refunded));
        }
        assert_eq!([variant, quoted].map(|variant| world.logistics.available(variant)), [10, 10]);
        world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_takes_too_long_is_taken_back() {
    for world in worlds().await {
        let variant = world.goods(organisation(), 10, 10);
        world.payment.faults.plan("OpenIntent", vec![Fault::DoAndLose; 1_000]);
        let instance = world
            .instance(order::Config {
                saga_give_up_s: 2,
                ..quick()
            })
            .await;
        let client = instance.client(organisation());
        let pending = client.check_out(request("key", &[(variant, 2)])).await.unwrap_err();
        assert_eq!(reason(&pending), "UNAVAILABLE");
        until("the checkout is decided", || async {
            decided(&world, &client).await != CheckoutState::Pending
        })
        .await;
        assert!(!assert_consistent(&world, &client, variant).await);
        let again = client.check_out(request("key", &[(variant, 2)])).await.unwrap_err();
        assert_eq!(reason(&again), "TIMED_OUT");
        world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_while_it_was_taken_back_is_placed_after_all() {
    for world in worlds().await {
        let variant = world.goods(organisation(), 10, 10);
        // The answer never comes, so that it is taken back; but the buyer has seen the payment and paid.
        world.payment.faults.plan("OpenIntent", vec![Fault::DoAndLose; EVERY_TRY]);
        let instance = world
            .instance(order::Config {
                saga_give_up_s: 0,
                saga_recovery_s: 600,
                ..quick()
            })
            .await;
        let client = instance.client(organisation());
        client.check_out(request("key", &[(variant, 2)])).await.unwrap_err();
        let (payment, _) = world.payment.intents().remove(0);
        let funded = world.payment.capture(&payment);
        world.make_due("saga_recovery").await;
        until("the checkout is decided", || async {
            decided(&world, &client).await != CheckoutState::Pending
        })
        .await;
        world.payment.tell_funded(&funded).await;
        client.until(&funded.orders[0].order_id, OrderState::Paid).await;
        world.rests().await;
    }
}
