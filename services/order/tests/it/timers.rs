//! What time does to orders and quotations. Windows are seconds here, as they may be in a demonstration.

use harness::{fields, until};
use order::Config;
use proto::order::v1::{CheckoutState, CreateCheckoutRequest, OrderState};

use crate::{
    peers::{
        Fault,
        payment::{Escrow, Intent},
    },
    world::{organisation, quick, request, worlds},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_paid_in_time_is_closed_and_its_stock_is_free() {
    for world in worlds().await {
        let instance = world
            .instance(Config {
                payment_window_s: 1,
                ..quick()
            })
            .await;
        let variant = world.goods(organisation(), 10, 10);
        let client = instance.client(organisation());
        // Payment does not answer at first.
        world.payment.faults.plan("CancelIntent", vec![Fault::Fail; 4]);
        let checkout = client.check_out(request("", &[(variant, 2)])).await.unwrap();
        let cancelled = client.until(&checkout.orders[0].id, OrderState::Cancelled).await;
        assert_eq!(cancelled.cancel_reason, "PAYMENT_TIMEOUT");
        assert!(matches!(world.payment.intent(&checkout.payment_id), Some(Intent::Cancelled(_))));
        until("the stock is back", || async { world.logistics.available(variant) == 10 }).await;
        assert_eq!(client.checkout(&checkout.id).await.unwrap().state(), CheckoutState::Closed);
        world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_on_its_way_at_the_deadline_is_waited_for() {
    for world in worlds().await {
        let instance = world
            .instance(Config {
                payment_window_s: 1,
                ..quick()
            })
            .await;
        let variant = world.goods(organisation(), 10, 10);
        let client = instance.client(organisation());
        let checkout = client.check_out(request("", &[(variant, 2)])).await.unwrap();
        world.payment.process(&checkout.payment_id);
        world.payment.faults.plan("CancelIntent", [Fault::DoAndHang]);
        tokio::time::timeout(std::time::Duration::from_secs(20), world.payment.faults.hangs())
            .await
            .expect("payment is asked at the deadline");
        // Payment says so the next time, and is asked again later: that is no failure.
        until("the deadline is set anew", || async {
            world.timers("kind = 'payment_deadline' AND attempts = 0").await == 1
        })
        .await;
        assert_eq!(client.order(&checkout.orders[0].id).await.state(), OrderState::Placed);
        world.payment.pay(&checkout.payment_id).await;
        client.until(&checkout.orders[0].id, OrderState::Paid).await;
        assert_eq!(world.timers("kind = 'payment_deadline'").await, 0);
        world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_outlasts_a_clock_that_is_set_back() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let variant = world.goods(organisation(), 10, 10);
        let client = instance.client(organisation());
        let checkout = client.check_out(request("", &[(variant, 2)])).await.unwrap();
        let order = &checkout.orders[0].id;
        world.payment.pay(&checkout.payment_id).await;
        client.until(order, OrderState::Paid).await;
        world.logistics.ship(order).await;
        client.until(order, OrderState::Shipped).await;
        world.make_due("acceptance").await;
        until("it is tried again", || async {
            world.timers("kind = 'acceptance' AND attempts > 1").await == 1
        })
        .await;
        assert_eq!(client.order(order).await.state(), OrderState::Shipped);
        world.rests().await;
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
        client.until(order, OrderState::Delivered).await;
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
        let instance = world
            .instance(Config {
                shipped_window_s: 1,
                ..quick()
            })
            .await;
        let variant = world.goods(organisation(), 10, 10);
        let client = instance.client(organisation());
        let checkout = client.check_out(request("", &[(variant, 2)])).await.unwrap();
        let order = &checkout.orders[0].id;
        world.payment.pay(&checkout.payment_id).await;
        client.until(order, OrderState::Paid).await;
        world.logistics.ship(order).await;
        client.until(order, OrderState::Completed).await;
        assert_eq!(world.payment.escrow(order), Some(Escrow::Released));
        // A late delivery is filed and changes nothing.
        world.logistics.deliver(order).await;
        let timeline = || async {
            let request = proto::order::v1::GetTimelineRequest { order_id: order.clone() };
            client.orders.clone().get_timeline(request).await.unwrap().into_inner().entries
        };
        until("the delivery is filed", || async {
            timeline().await.iter().any(|entry| entry.kind == "delivered")
        })
        .await;
        assert_eq!(client.order(order).await.state(), OrderState::Completed);
        world.rests().await;
    }
}
