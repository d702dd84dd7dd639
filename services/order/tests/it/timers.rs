//! What time does to orders and quotations. Windows are seconds here, as they may be in a demonstration.

use harness::{fields, until};
use order::Config;
use proto::order::v1::{CheckoutState, CreateCheckoutRequest, OrderState};

use crate::{
    peers::{
        Fault,
        payment::{Escrow, Intent},
    },
    sale::Sale,
    world::{organisation, quick, request, worlds},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_paid_in_time_is_closed_and_its_stock_is_free() {
    for world in worlds().await {
        // Payment does not answer at first.
        world.payment.faults.plan("CancelIntent", vec![Fault::Fail; 4]);
        let due_in_a_second = Config {
            payment_window_s: 1,
            ..quick()
        };
        let sale = Sale::placed_under(due_in_a_second, world).await;
        let cancelled = sale.becomes(OrderState::Cancelled).await;
        assert_eq!(cancelled.cancel_reason, "PAYMENT_TIMEOUT");
        let intent = sale.world.payment.intent(&sale.checkout.payment_id);
        assert!(matches!(intent, Some(Intent::Cancelled(_))));
        until("the stock is back", || async { sale.world.logistics.available(sale.variant) == 10 }).await;
        let checkout = sale.buyer().checkout(&sale.checkout.id).await.unwrap();
        assert_eq!(checkout.state(), CheckoutState::Closed);
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_on_its_way_at_the_deadline_is_waited_for() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        let payment = &sale.world.payment;
        payment.process(&sale.checkout.payment_id);
        payment.faults.plan("CancelIntent", [Fault::DoAndHang]);
        sale.world.make_due("payment_deadline").await;
        tokio::time::timeout(std::time::Duration::from_secs(20), payment.faults.hangs())
            .await
            .expect("payment is asked at the deadline");
        // Payment says so the next time, and is asked again later: that is no failure.
        until("the deadline is set anew", || async {
            sale.world.timers("kind = 'payment_deadline' AND attempts = 0").await == 1
        })
        .await;
        assert_eq!(sale.buyer().order(sale.order()).await.state(), OrderState::Placed);
        sale.pays().await;
        assert_eq!(sale.world.timers("kind = 'payment_deadline'").await, 0);
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_outlasts_a_clock_that_is_set_back() {
    for world in worlds().await {
        let sale = Sale::placed_alone(world).await;
        sale.pays().await;
        sale.world.logistics.ship(sale.order()).await;
        sale.becomes(OrderState::Shipped).await;
        sale.world.make_due("acceptance").await;
        until("it is tried again", || async {
            sale.world.timers("kind = 'acceptance' AND attempts > 1").await == 1
        })
        .await;
        assert_eq!(sale.buyer().order(sale.order()).await.state(), OrderState::Shipped);
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_runs_out_accepts_by_itself_even_after_a_restart() {
    for world in worlds().await {
        let config = Config {
            inspection_window_s: 2,
            ..quick()
        };
        let instance = world.instance(config.clone()).await;
        let variant = world.goods(organisation(), 10, 10);
        let buyer = organisation();
        let client = instance.client(buyer);
        let checkout = client.check_out(request("", &[(variant, 2)])).await.unwrap();
        let order = &checkout.orders[0].id;
        world.payment.pay(&checkout.payment_id).await;
        client.until(order, OrderState::Paid).await;
        world.logistics.ship(order).await;
        world.logistics.deliver(order).await;
        // On a slow machine it may be accepted by now.
        until("it is delivered", || async {
            ![OrderState::Paid, OrderState::Shipped].contains(&client.order(order).await.state())
        })
        .await;
        instance.crash();
        // The window was frozen at the sale: the next instance's own is of no matter.
        let instance = world
            .instance(Config {
                inspection_window_s: 600,
                ..config
            })
            .await;
        instance.client(buyer).until(order, OrderState::Completed).await;
        assert_eq!(world.payment.escrow(order), Some(Escrow::Released));
        world.rests().await;
    }
}

fn seconds(seconds: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds, nanos: 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_may_choose_shorter_windows_than_the_platform_gives() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let variant = world.goods(organisation(), 10, 10);
        let client = instance.client(organisation());
        let unpaid = CreateCheckoutRequest {
            payment_window: seconds(1),
            ..request("", &[(variant, 1)])
        };
        let unpaid = client.check_out(unpaid).await.unwrap();
        client.until(&unpaid.orders[0].id, OrderState::Cancelled).await;

        let inspected = CreateCheckoutRequest {
            inspection_window: seconds(1),
            ..request("", &[(variant, 1)])
        };
        let inspected = client.check_out(inspected).await.unwrap();
        let order = &inspected.orders[0].id;
        world.payment.pay(&inspected.payment_id).await;
        client.until(order, OrderState::Paid).await;
        world.logistics.ship(order).await;
        world.logistics.deliver(order).await;
        client.until(order, OrderState::Completed).await;
        world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_buyer_gets_a_longer_window_than_the_platform_gives() {
    let world = worlds().await.remove(0);
    let instance = world.instance(quick()).await;
    let variant = world.goods(organisation(), 10, 10);
    let client = instance.client(organisation());
    let config = Config::default();
    let longest = [config.payment_window_s, config.inspection_window_s].map(u64::cast_signed);
    for [payment, inspection] in [[0, 0], [-1, -1], longest.map(|longest| longest + 1)] {
        let asked = CreateCheckoutRequest {
            payment_window: seconds(payment),
            inspection_window: seconds(inspection),
            ..request("", &[(variant, 1)])
        };
        let refused = client.check_out(asked).await.unwrap_err();
        assert_eq!(fields(&refused), ["payment_window", "inspection_window"]);
    }
    assert_eq!(world.logistics.available(variant), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shipped_and_never_reported_delivered_is_released_by_itself() {
    for world in worlds().await {
        let config = Config {
            shipped_window_s: 1,
            ..quick()
        };
        let sale = Sale::placed_under(config, world).await;
        sale.pays().await;
        sale.world.logistics.ship(sale.order()).await;
        sale.becomes(OrderState::Completed).await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Released));
        // A late delivery is filed and changes nothing.
        sale.world.logistics.deliver(sale.order()).await;
        until("the delivery is filed", || async {
            sale.timeline().await.contains(&"delivered".to_owned())
        })
        .await;
        assert_eq!(sale.buyer().order(sale.order()).await.state(), OrderState::Completed);
        sale.world.rests().await;
    }
}
